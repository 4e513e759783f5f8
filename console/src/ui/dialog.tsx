// A modal dialog with a title: keeps the focus inside, closes with Escape, gives the focus back.

import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';

export interface Props {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly isAlert?: boolean;
  readonly children: ReactNode;
}

export function Dialog({ title, isOpen, onClose, isAlert = false, children }: Props): ReactNode {
  return (
    <ModalOverlay className="overlay" isOpen={isOpen} onOpenChange={(open) => open || onClose()} isDismissable={!isAlert}>
      <Modal className="modal">
        <AriaDialog role={isAlert ? 'alertdialog' : 'dialog'} className="stack tight">
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
