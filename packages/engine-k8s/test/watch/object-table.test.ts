import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ObjectChange, ObjectTable } from '../../src/watch/object-table.ts';

interface Thing {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
}

function thing(uid: string, version: number): Thing {
  return { metadata: { uid, resourceVersion: String(version) } };
}

function event(type: ObjectChange<Thing>['type'], uid: string, version: number): ObjectChange<Thing> {
  return { type, object: thing(uid, version) };
}

describe('what is known of objects', () => {
  test('tells what an event changes, once', () => {
    const table = new ObjectTable<Thing>();
    expect(table.apply(event('ADDED', 'a', 5))?.type).toBe('ADDED');
    expect(table.apply(event('ADDED', 'a', 5))).toBeUndefined();
    expect(table.apply(event('MODIFIED', 'a', 7))?.type).toBe('MODIFIED');
    expect(table.apply(event('DELETED', 'a', 8))?.type).toBe('DELETED');
    expect(table.apply(event('DELETED', 'a', 8))).toBeUndefined();
  });

  test('an event that is older than what is known changes nothing, also across a power of ten', () => {
    const table = new ObjectTable<Thing>();
    table.apply(event('ADDED', 'a', 1_000));
    expect(table.apply(event('MODIFIED', 'a', 999))).toBeUndefined();
    expect(table.get('a')?.metadata.resourceVersion).toBe('1000');
  });

  test('what was deleted does not come back by an event that is late; a new one of the same name does', () => {
    const table = new ObjectTable<Thing>();
    table.apply(event('ADDED', 'a', 5));
    table.apply(event('DELETED', 'a', 6));
    expect(table.apply(event('MODIFIED', 'a', 7))).toBeUndefined();
    expect(table.isDeleted('a')).toBe(true);
    expect(table.apply(event('ADDED', 'other', 8))?.type).toBe('ADDED');
  });

  test('a list after a gap is told as the difference', () => {
    const table = new ObjectTable<Thing>();
    for (const [uid, version] of [
      ['same', 5],
      ['changed', 6],
      ['gone', 7],
      ['newer', 30],
    ] as const)
      table.apply(event('ADDED', uid, version));
    const changes = table.replace([thing('same', 5), thing('changed', 15), thing('added', 16)], '20');
    expect(changes.map(({ type, object }) => `${type} ${object.metadata.uid}`)).toEqual([
      'MODIFIED changed',
      'ADDED added',
      'DELETED gone',
    ]);
    expect([...table.values()].map(({ metadata }) => metadata.uid).sort()).toEqual([
      'added',
      'changed',
      'newer',
      'same',
    ]);
  });

  test('events that come twice, late and in any order lead to the same state', () => {
    const history = [
      event('ADDED', 'a', 1),
      event('ADDED', 'b', 2),
      event('MODIFIED', 'a', 3),
      event('DELETED', 'b', 4),
      event('ADDED', 'c', 5),
      event('MODIFIED', 'a', 6),
      event('MODIFIED', 'c', 7),
    ];
    const shuffled = fc.shuffledSubarray([...history, ...history], { minLength: history.length * 2 });
    fc.assert(
      fc.property(shuffled, (events) => {
        const table = new ObjectTable<Thing>();
        const told = events.flatMap((one) => table.apply(one) ?? []);
        expect([...table.values()].map(({ metadata }) => `${metadata.uid}${metadata.resourceVersion}`).sort()).toEqual([
          'a6',
          'c7',
        ]);
        expect(told.filter(({ type }) => type === 'DELETED')).toHaveLength(1);
        for (const uid of ['a', 'c'])
          expect(told.filter(({ type, object }) => type === 'ADDED' && object.metadata.uid === uid)).toHaveLength(1);
      }),
    );
  });
});
