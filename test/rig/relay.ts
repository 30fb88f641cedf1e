// Takes DNS traffic at one address and hands it to a server at another port. BIND only listens on addresses that an
// interface has, and loopback has 127.0.0.1 alone, while every address of 127.0.0.0/8 can be bound by a socket.
// Run as a process of its own: node relay.ts <address> <port> <port of the server on 127.0.0.1>
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const [address = '', port = '', target = ''] = process.argv.slice(2);

const front = createSocket('udp4');
front.on('message', (question, { address: asker, port: askersPort }) => {
  const back = createSocket('udp4');
  const close = () => back.close();
  const timer = setTimeout(close, 5000);
  back.on('error', () => {});
  back.on('message', (answer) => {
    clearTimeout(timer);
    close();
    front.send(answer, askersPort, asker);
  });
  back.send(question, Number(target), '127.0.0.1');
});
front.bind(Number(port), address);

// allowHalfOpen: a transfer goes on when the asker has nothing more to say.
const server = createServer({ allowHalfOpen: true }, (asker) => {
  const back = connect({ port: Number(target), host: '127.0.0.1', allowHalfOpen: true });
  asker.pipe(back).pipe(asker);
  asker.on('error', () => back.destroy());
  back.on('error', () => asker.destroy());
});
server.listen(Number(port), address);

await Promise.all([once(front, 'listening'), once(server, 'listening')]);
console.log('ready');
