/** First halves of generated session names. Lower-case ASCII, at most eight letters, nothing that hurts when read aloud. */
export const adjectives: readonly string[] = [
  'able', 'agile', 'alert', 'amber', 'ample', 'apt', 'azure', 'balmy', 'bold', 'brave', 'breezy', 'brief', 'bright', 'brisk', 'calm', 'candid',
  'chief', 'civil', 'clean', 'clear', 'clever', 'coral', 'cosmic', 'cozy', 'crisp', 'curious', 'daring', 'deep', 'deft', 'eager', 'early', 'earnest',
  'easy', 'elated', 'epic', 'exact', 'fair', 'famous', 'fancy', 'fast', 'fine', 'firm', 'fleet', 'fluent', 'fond', 'frank', 'free', 'fresh',
  'frosty', 'gentle', 'glad', 'golden', 'good', 'grand', 'great', 'green', 'happy', 'hardy', 'hearty', 'honest', 'humble', 'ideal', 'jolly', 'joyful',
  'keen', 'kind', 'large', 'lasting', 'light', 'lively', 'loyal', 'lucid', 'lucky', 'lunar', 'magic', 'major', 'mellow', 'merry', 'mighty', 'mild',
  'modest', 'neat', 'new', 'nimble', 'noble', 'novel', 'olive', 'open', 'patient', 'peppy', 'placid', 'plucky', 'polite', 'prime', 'proud', 'pure',
  'quick', 'quiet', 'rapid', 'ready', 'regal', 'robust', 'rosy', 'royal', 'serene', 'sharp', 'shiny', 'silver', 'sleek', 'smart', 'smooth', 'snappy',
  'solar', 'solid', 'sound', 'spry', 'steady', 'sterling', 'still', 'strong', 'sturdy', 'sunny', 'swift', 'tidy', 'tranquil', 'trusty', 'upbeat', 'valiant',
  'vast', 'vital', 'vivid', 'warm', 'wise', 'witty', 'worthy', 'zesty',
];

/** Second halves of generated session names: animals. */
export const animals: readonly string[] = [
  'albatross', 'alpaca', 'antelope', 'badger', 'bat', 'bear', 'beaver', 'bee', 'bison', 'bobcat', 'bonobo', 'buffalo', 'camel', 'caribou', 'cat', 'cheetah',
  'chipmunk', 'cobra', 'condor', 'cougar', 'coyote', 'crab', 'crane', 'cricket', 'crow', 'curlew', 'deer', 'dingo', 'dolphin', 'dove', 'dragonfly', 'duck',
  'eagle', 'egret', 'elk', 'emu', 'falcon', 'ferret', 'finch', 'firefly', 'flamingo', 'fox', 'frog', 'gazelle', 'gecko', 'gibbon', 'giraffe', 'goose',
  'gull', 'hare', 'hawk', 'hedgehog', 'heron', 'hornet', 'horse', 'ibex', 'ibis', 'iguana', 'impala', 'jackal', 'jaguar', 'jay', 'kestrel', 'kingfisher',
  'kiwi', 'koala', 'lark', 'lemur', 'leopard', 'lion', 'llama', 'lobster', 'lynx', 'macaw', 'magpie', 'mantis', 'marmot', 'marten', 'meerkat', 'mink',
  'mole', 'moose', 'moth', 'mouse', 'narwhal', 'newt', 'ocelot', 'octopus', 'orca', 'oriole', 'osprey', 'ostrich', 'otter', 'owl', 'panda', 'panther',
  'parrot', 'pelican', 'penguin', 'pheasant', 'pigeon', 'plover', 'pony', 'puffin', 'puma', 'quail', 'rabbit', 'raccoon', 'raven', 'robin', 'salmon', 'seal',
  'shark', 'sparrow', 'squid', 'stork', 'swallow', 'swan', 'tapir', 'tern', 'tiger', 'toad', 'toucan', 'trout', 'turtle', 'viper', 'walrus', 'weasel',
  'whale', 'wolf', 'wombat', 'wren', 'yak', 'zebra',
];
