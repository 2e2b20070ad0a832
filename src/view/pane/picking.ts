/** A piece that is being picked out from unit to unit, before it is asked about. */
export class Picking {
  readonly #paint: (index: number, picked: boolean) => void;
  /** The unit that was chosen last; a piece begins there. */
  from: number | null = null;
  #to: number | null = null;

  constructor(paint: (index: number, picked: boolean) => void) {
    this.#paint = paint;
  }

  get active(): boolean {
    return this.#to !== null;
  }

  /** The unit that the piece reaches to; null while none is picked. */
  get to(): number | null {
    return this.#to;
  }

  has(index: number): boolean {
    if (this.#to === null) return false;
    const [first, last] = this.ends(this.#to);
    return first <= index && index <= last;
  }

  /** First and last unit of the piece that reaches to this one. */
  ends(to: number): [number, number] {
    const from = this.from ?? to;
    return from < to ? [from, to] : [to, from];
  }

  begin(index: number): void {
    this.drop();
    this.from = index;
    this.reach(index);
  }

  reach(index: number): void {
    const before = this.#span();
    this.#to = index;
    const after = this.#span();
    for (const each of before) if (!after.has(each)) this.#paint(each, false);
    for (const each of after) if (!before.has(each)) this.#paint(each, true);
  }

  /** Pick nothing; where a piece would begin stays. */
  drop(): void {
    for (const each of this.#span()) this.#paint(each, false);
    this.#to = null;
  }

  #span(): Set<number> {
    if (this.#to === null) return new Set();
    const [first, last] = this.ends(this.#to);
    return new Set(Array.from({ length: last - first + 1 }, (_, at) => first + at));
  }
}
