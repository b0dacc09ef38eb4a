import { describe, expect, inject, it } from 'vitest';
import { newFaultedGroup } from './faulted-group.ts';
import {
  carryOutAndAnswer,
  carryOutAndSay,
  cutAnswer,
  isRead,
  isWatch,
  isWrite,
  loseAnswer,
  refuse,
  resetBefore,
  sendTwice,
} from './faults.ts';

const access = inject('controlPlane');
const newGroup = () => newFaultedGroup(access, 5);

describe('an operation whose response is lost', () => {
  it.each([
    ['the connection breaks after it', loseAnswer],
    ['half of the answer arrives', cutAnswer],
    ['a proxy answers 500 for it', carryOutAndAnswer(500)],
    ['a proxy answers 503 for it', carryOutAndAnswer(503)],
    ['a proxy answers 429 for it', carryOutAndAnswer(429)],
    ['a proxy answers 409 for it', carryOutAndAnswer(409)],
    ['a proxy answers with a page for it', carryOutAndSay('<html>')],
    ['a proxy answers with nothing for it', carryOutAndSay('')],
    ['a proxy answers with other JSON for it', carryOutAndSay('{}')],
    ['a proxy sends it twice', sendTwice],
  ])('is counted once when %s', async (_, fault) => {
    const { proxy, client, counter } = await newGroup();
    proxy.plan(isWrite, fault);
    expect((await client.done('batch', 2)).status).toMatchObject({ counter: 3 });
    expect(await counter()).toBe(3);
  });

  it.each([
    ['the connection breaks', resetBefore],
    ['a proxy answers 500', refuse(500)],
    ['a proxy answers 503', refuse(503)],
    ['a proxy answers 429', refuse(429)],
  ])('is counted once when %s before it arrives, on the read and on the write', async (_, fault) => {
    const { proxy, client, counter } = await newGroup();
    proxy.plan(isRead, fault);
    proxy.plan(isWrite, fault);
    await client.done('batch', 2);
    expect(await counter()).toBe(3);
  });

  it('is counted once when the response is lost again and again', async () => {
    const { proxy, client, counter } = await newGroup();
    proxy.plan(isWrite, loseAnswer, loseAnswer, loseAnswer);
    proxy.plan(isWatch, resetBefore, refuse(503));
    await client.done('batch', 2);
    expect(await counter()).toBe(3);
  });
});
