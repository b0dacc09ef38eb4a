// The public API for programs that embed koncli: the command as a function.
export type { Invocation } from './arguments/invocation.ts';
export { runKoncli } from './koncli.ts';
export type { OutputStream } from './process/output-stream.ts';
export { VERSION } from './version.ts';
