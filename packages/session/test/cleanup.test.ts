import { RecacError } from '@recac/engine-core';
import { expect, test } from 'vitest';
import { joinErrors } from '../src/cleanup.ts';

test('the first error keeps what its engine could not clean up, and gets what came after', () => {
  const details = { cleanup: 'the Job one is still there', left: ['job/one'] };
  const first = new RecacError('RECAC_ENVIRONMENT_START_FAILED', 'no', { details });
  expect((joinErrors([first, new Error('two')]) as RecacError).details).toEqual({
    left: ['job/one'],
    cleanup: [
      { code: 'RECAC_INTERNAL', message: 'the Job one is still there' },
      { code: 'RECAC_INTERNAL', message: 'two' },
    ],
  });
  expect(joinErrors([first])).toBe(first);
  const nested = joinErrors([joinErrors([first, new Error('two')]), new Error('three')]) as RecacError;
  expect((nested.details.cleanup as readonly { readonly message: string }[]).map(({ message }) => message)).toEqual([
    'the Job one is still there',
    'two',
    'three',
  ]);
});
