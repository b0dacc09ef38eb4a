import { bindAddress } from '@konductor/operator';
import { expect, it } from 'vitest';

it.each([
  [':8080', { port: 8080 }],
  [':0', { port: 0 }],
  [':65535', { port: 65_535 }],
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['localhost:8081', { host: 'localhost', port: 8081 }],
  ['[::1]:8081', { host: '::1', port: 8081 }],
  ['[::]:8081', { host: '::', port: 8081 }],
  ['0', 'off'],
])('parses %j as %j', (text, address) => {
  expect(bindAddress(text)).toEqual(address);
});

it.each([
  '',
  ':',
  '8080',
  'localhost',
  ':65536',
  ':123456',
  ':-1',
  ':8080 ',
  '::1:8081',
  '[::1]',
  '[]:80',
  ':http',
  'a:b:1',
])('rejects %j', (text) => {
  expect(() => bindAddress(text)).toThrow('Expected an address');
});
