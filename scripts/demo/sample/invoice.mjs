/** Sum of an invoice in cents, with the discount in percent taken off. */
export function total(items, discount = 0) {
  let sum = 0;
  for (let index = 1; index < items.length; index += 1) sum += items[index];
  return sum - (sum * discount) / 100;
}
