import { ConnectionError } from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { type Environment, proxyOfEnvironment } from '../../../client/src/connect/proxy-environment.ts';

const PROXY = 'http://proxy.example:3128';
const proxyOf = (server: string, env: Environment) => proxyOfEnvironment(new URL(server), env)?.href;

describe('the proxy of the environment', () => {
  it.each<[string, Environment, string | undefined]>([
    ['https://api.example', { HTTPS_PROXY: PROXY }, `${PROXY}/`],
    ['https://api.example', { https_proxy: PROXY }, `${PROXY}/`],
    ['https://api.example', { HTTPS_PROXY: 'proxy.example:3128' }, `${PROXY}/`],
    ['https://api.example', { HTTPS_PROXY: ` ${PROXY} ` }, `${PROXY}/`],
    ['https://api.example', { HTTPS_PROXY: '', https_proxy: PROXY }, `${PROXY}/`],
    ['https://api.example', { HTTPS_PROXY: PROXY, https_proxy: 'http://other.example' }, `${PROXY}/`],
    ['https://api.example', { HTTPS_PROXY: 'https://u:p@proxy.example' }, 'https://u:p@proxy.example/'],
    ['https://api.example', { HTTPS_PROXY: 'socks5://proxy.example:1080' }, 'socks5://proxy.example:1080'],
    ['https://api.example', { HTTP_PROXY: PROXY }, undefined],
    ['http://api.example', { HTTP_PROXY: PROXY }, `${PROXY}/`],
    ['http://api.example', { HTTPS_PROXY: PROXY }, undefined],
    ['https://api.example', {}, undefined],
  ])('of %s with %j is %s', (server, env, expected) => {
    expect(proxyOf(server, env)).toBe(expected);
  });

  it.each([
    ['ftp://user:secret@proxy.example'],
    ['http://'],
    ['http://user:sec%zzret@proxy.example'],
    ['socks4://proxy.example'],
  ])('is rejected without its password when it is none: %s', (text) => {
    const choose = () => proxyOf('https://api.example', { HTTPS_PROXY: text });
    expect(choose).toThrow(ConnectionError);
    expect(choose).toThrow(/^HTTPS_PROXY is not the URL of an http, https or socks5 proxy: write it like http:/);
    expect(choose).not.toThrow(/sec/);
  });

  it.each(['localhost', 'LOCALHOST:6443', '127.0.0.1:6443', '127.9.9.9', '[::1]:6443'])(
    'is not asked for %s',
    (host) => {
      expect(proxyOf(`https://${host}`, { HTTPS_PROXY: PROXY })).toBeUndefined();
    },
  );

  // As https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config and its tests define.
  it.each<[string, string, boolean]>([
    ['example.com', 'https://example.com', true],
    ['example.com', 'https://EXAMPLE.com:6443', true],
    ['Example.COM', 'https://api.example.com', true],
    ['example.com', 'https://badexample.com', false],
    ['.example.com', 'https://example.com', false],
    ['.example.com', 'https://api.example.com', true],
    ['*.example.com', 'https://example.com', false],
    ['*.example.com', 'https://api.example.com', true],
    ['example.com:443', 'https://example.com', true],
    ['example.com:6443', 'https://example.com', false],
    ['example.com:6443', 'https://api.example.com:6443', true],
    ['*', 'https://api.example', true],
    ['a.example, , api.example ,', 'https://api.example', true],
    ['10.0.0.1', 'https://10.0.0.1:6443', true],
    ['10.0.0.1:6443', 'https://10.0.0.1:6443', true],
    ['10.0.0.1:443', 'https://10.0.0.1:6443', false],
    ['10.0.0.1', 'https://10.0.0.11', false],
    ['10.0.0.0/8', 'https://10.96.0.1', true],
    ['10.0.0.0/8', 'https://11.0.0.1', false],
    ['10.0.0.0/8', 'https://10.example', false],
    ['10.0.0.0/99,10.0.0.0/,/8', 'https://10.0.0.1', false],
    ['fd00::/8', 'https://[fd00::1]:6443', true],
    ['fd00::/8', 'https://[fe00::1]:6443', false],
    ['fd00::1', 'https://[fd00::1]:6443', true],
    ['[fd00::1]:6443', 'https://[fd00::1]:6443', true],
    ['[fd00::1]:443', 'https://[fd00::1]:6443', false],
    ['', 'https://api.example', false],
  ])('with NO_PROXY=%j, of %s, is left out: %s', (noProxy, server, isLeftOut) => {
    expect(proxyOf(server, { HTTPS_PROXY: PROXY, NO_PROXY: noProxy })).toBe(isLeftOut ? undefined : `${PROXY}/`);
    expect(proxyOf(server, { HTTPS_PROXY: PROXY, no_proxy: noProxy })).toBe(isLeftOut ? undefined : `${PROXY}/`);
  });
});
