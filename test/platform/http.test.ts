import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { httpClient } from '../../src/platform/http.ts';

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (listener: (question: IncomingMessage, answer: ServerResponse) => void): Promise<string> =>
  listen(createServer(listener));

/** A proxy that notes whom it was asked for. */
async function proxy(asked: string[]): Promise<string> {
  const server = createServer();
  server.on('connect', (question: IncomingMessage, client: Socket) => {
    asked.push(question.url ?? '');
    const [host = '', port = ''] = (question.url ?? '').split(':');
    const target = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    for (const socket of [client, target]) socket.on('error', () => socket.destroy());
  });
  return listen(server);
}

async function read(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

test.each(['http_proxy', 'HTTP_PROXY'])('%s is honoured, and NO_PROXY too', async (name) => {
  const asked: string[] = [];
  const target = await serve((_, answer) => void answer.end('through'));
  const through = `http://${await proxy(asked)}`;
  const answer = await httpClient({ [name]: through })({ url: `http://${target}/` });
  expect([answer.status, await read(answer.body)]).toEqual([200, 'through']);
  expect(asked).toEqual([target]);
  const direct = await httpClient({ [name]: through, NO_PROXY: '127.0.0.1' })({ url: `http://${target}/` });
  expect(await read(direct.body)).toBe('through');
  expect(asked).toHaveLength(1);
});

test('redirects are followed and remembered, credentials do not follow to another host', async () => {
  const seen: (string | undefined)[] = [];
  const other = await serve((question, answer) => {
    seen.push(question.headers.authorization);
    answer.end('there');
  });
  const first = await serve((_, answer) => void answer.writeHead(302, { location: `http://${other}/x` }).end());
  const answer = await httpClient({})({ url: `http://${first}/`, headers: { authorization: 'Bearer secret' } });
  expect(answer.urls).toEqual([`http://${first}/`, `http://${other}/x`]);
  expect(await read(answer.body)).toBe('there');
  expect(seen).toEqual([undefined]);
});

test.each([
  ['a circle of redirects', '/'],
  ['a redirect to a file', 'file:///etc/passwd'],
  ['a redirect to nowhere', 'http://[::1'],
])('%s is unreachable', async (_, location) => {
  const at = await serve((_question, answer) => void answer.writeHead(302, { location }).end());
  await expect(httpClient({})({ url: `http://${at}/` })).rejects.toMatchObject({ code: 'unreachable' });
});

test('nobody there is unreachable', async () => {
  await expect(httpClient({})({ url: 'http://127.0.0.1:1/' })).rejects.toMatchObject({ code: 'unreachable' });
});
