// Responses of a server that a transport cannot use, for every runtime.
import { type Respond, respondJson } from './loopback-server.ts';

export const send =
  (code: number, headers = {}, body = ''): Respond =>
  (response) =>
    response.writeHead(code, headers).end(body);
export const never: Respond = () => {};
export const half: Respond = (response) => response.writeHead(200).write('{');
export const destroy: Respond = (response) => response.destroy();

/** Announces 99 bytes, sends a few and breaks the connection. */
const breakOff =
  (code: number): Respond =>
  (response) =>
    response.writeHead(code, { 'content-length': 99 }).write('{"a":', () => response.destroy());

/** After each of these, the request may have arrived. */
export const UNUSABLE: readonly (readonly [name: string, respond: Respond])[] = [
  ['500', (response) => respondJson(response, { kind: 'Status' }, 500)],
  ['a success that is not JSON', send(200, {}, '<html>welcome to this hotel</html>')],
  ['a success without a body', send(200)],
  ['half a response', breakOff(200)],
  ['half a rejection', breakOff(409)],
  ['a connection that breaks after the request', destroy],
];
export const ENDLESS: readonly (readonly [name: string, respond: Respond])[] = [
  ['no head', never],
  ['no end', half],
];
