import { describe, expect, inject, it } from 'vitest';
import { newFaultedGroup } from './faulted-group.ts';
import {
  carryOutAndRespond,
  carryOutAndSend,
  cutResponse,
  loseResponse,
  reject,
  resetBefore,
  sendTwice,
} from './faults.ts';

const access = inject('controlPlane');
const newGroup = () => newFaultedGroup(access, 5);

describe('an operation whose response is lost', () => {
  it.each([
    ['the connection breaks after it', loseResponse],
    ['half of the answer arrives', cutResponse],
    ['a proxy answers 500 for it', carryOutAndRespond(500)],
    ['a proxy answers 503 for it', carryOutAndRespond(503)],
    ['a proxy answers 429 for it', carryOutAndRespond(429)],
    ['a proxy answers 409 for it', carryOutAndRespond(409)],
    ['a proxy answers with a page for it', carryOutAndSend('<html>')],
    ['a proxy answers with nothing for it', carryOutAndSend('')],
    ['a proxy answers with other JSON for it', carryOutAndSend('{}')],
    ['a proxy sends it twice', sendTwice],
  ])('is counted once when %s', async (_, fault) => {
    const { proxy, client, counter } = await newGroup();
    proxy.onWrite(fault);
    expect((await client.done('batch', 2)).status).toMatchObject({ counter: 3 });
    expect(await counter()).toBe(3);
  });

  it.each([
    ['the connection breaks', resetBefore],
    ['a proxy answers 500', reject(500)],
    ['a proxy answers 503', reject(503)],
    ['a proxy answers 429', reject(429)],
  ])('is counted once when %s before it arrives, on the read and on the write', async (_, fault) => {
    const { proxy, client, counter } = await newGroup();
    proxy.onRead(fault);
    proxy.onWrite(fault);
    await client.done('batch', 2);
    expect(await counter()).toBe(3);
  });

  it('is counted once when the response is lost again and again', async () => {
    const { proxy, client, counter } = await newGroup();
    proxy.onWrite(loseResponse, loseResponse, loseResponse);
    proxy.onWatch(resetBefore, reject(503));
    await client.done('batch', 2);
    expect(await counter()).toBe(3);
  });
});
