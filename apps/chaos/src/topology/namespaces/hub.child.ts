/**
 * Runs in the network namespace of the hub and holds it. A listener of the world outside that is sent to it leads to an
 * address inside: so the run sees every server although it is in none of their networks.
 */
import { connect, type Server, type Socket } from 'node:net';
import type { Endpoint } from '@drover/embedded';

process.once('disconnect', () => process.exit(0));
process.on('message', (target: Endpoint, listener: Server) => {
  listener.on('connection', (outside: Socket) => {
    const inside = connect({ ...target, noDelay: true });
    outside.setNoDelay();
    join(outside, inside);
    join(inside, outside);
  });
});
process.send?.('ready');

function join(from: Socket, to: Socket): void {
  from.pipe(to);
  // An error is followed by `close`.
  from.on('error', () => undefined);
  from.on('close', () => to.destroy());
}
