export {
  AUTONOMY,
  approveUntilDone,
  type DemoUpstreams,
  installDemo,
  openDemoUpstreams,
  readTemplate,
  type WorkflowOwner,
  waitForRun,
} from './demo.ts';
export { openWorkflowWorld, placeTicket, type WorkflowWorld } from './world.ts';
