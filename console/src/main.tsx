// Starts the console: theme, cache, router. Nothing else happens here.

import './ui/fonts.css';
import './ui/tokens.css';
import './ui/ui.css';
import './ui/charts.css';
import './screens/screens.css';
import './screens/inbox/inbox.css';
import './screens/workflows/workflows.css';
import './screens/welcome/welcome.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiFault } from './api/client.ts';
import { makeRouter } from './app/router.tsx';
import { startTheme } from './ui/theme.ts';
import { ToastProvider } from './ui/toast.tsx';

const MAX_RETRIES = 2;

startTheme();
const client = new QueryClient({
  defaultOptions: {
    queries: {
      // An answer of the server is an answer; only what did not arrive is asked for again.
      retry: (count, fault) => count < MAX_RETRIES && !(fault instanceof ApiFault && fault.status > 0 && fault.status < 500),
      staleTime: 1_000,
    },
  },
});
const router = makeRouter();
const root = document.getElementById('app');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <ToastProvider>
          <RouterProvider router={router} />
        </ToastProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
