import test from 'ava';
import { check, start, written } from '../../test/lines.js';

const effects = [start(1), start(5, 2)];
const judge = (resource: unknown[]) => check('the resource takes no older token', { effects, resource });

test('tokens that grow hold, with several writes of one attempt and refused ones of an older', async (t) => {
  t.is((await judge([written(2, 10), written(3, 10), written(6, 20), written(7, 10, false)])).verdict, 'held');
  t.is((await judge([])).verdict, 'not checked');
});

const BROKEN: [resource: unknown[], says: string][] = [
  [[written(6, 20), written(7, 10)], 'token 10 was accepted after token 20'],
  [[written(6, 30)], 'token 30 was accepted, and no attempt began with it'],
  [[written(2, 10), written(3, 10, false)], 'token 10 was refused, and no newer one was accepted'],
];
for (const [resource, says] of BROKEN) {
  test(`broken: ${says}`, async (t) => {
    t.is((await judge(resource)).first?.what, says);
  });
}

test('without the history of the resource it is not judged', async (t) => {
  t.is((await check('the resource takes no older token', { effects })).reason, 'needs --resource');
});
