// Front door of demo/http.
export { callHttp, type HttpAnswer, type HttpCall } from './call.ts';
export { type DemoReply, type DemoRequest, type RunningServer, serve, type TakeOver } from './serve.ts';
export { type HookToSign, signHook } from './sign-hook.ts';
