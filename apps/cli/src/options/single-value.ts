import { InvalidArgumentError, Option } from 'commander';

/** An option with one value: a second one, an empty one, or a missing one (`--name -- command`) is refused. */
export function singleValue(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, previous: string | undefined) => {
    if (previous !== undefined) throw new InvalidArgumentError('It was given twice.');
    if (value === '--') throw new InvalidArgumentError('It needs a value.');
    if (value === '') throw new InvalidArgumentError('It must not be empty.');
    return value;
  });
}

/** An option that may be given many times; its values are collected in order. */
export function manyValues(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, previous: readonly string[] | undefined) => {
    if (value === '--') throw new InvalidArgumentError('It needs a value.');
    return [...(previous ?? []), value];
  });
}
