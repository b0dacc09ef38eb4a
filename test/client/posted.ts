// A POST with credentials, as a server must receive it from a transport on any runtime.
export const POST = { method: 'POST', path: '/wg', body: { name: 'größe' } } as const;
export const CREDENTIALS = { authorization: 'Bearer secret', 'impersonate-user': 'größe' };

export const receivedPost = (userAgent: string) => ({
  method: 'POST',
  url: '/wg',
  body: '{"name":"größe"}',
  headers: {
    accept: 'application/json',
    'content-type': 'application/json',
    'content-length': '18',
    authorization: 'Bearer secret',
    // Node reads each byte as one character.
    'impersonate-user': Buffer.from('größe').toString('latin1'),
    'user-agent': userAgent,
  },
});
