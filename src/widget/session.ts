import type { AnyModel } from '@anywidget/types';
import type { Change, Choices, FrameReply, Host, Progress, Question, Settings } from '../view';
import type { Request } from '../protocol/widget';
import type { State } from './state';

const NO_CHOICES: Choices = {
  methods: [],
  levels: [],
  response_levels: [],
  values: [],
  metrics: [],
};

type Body = Request extends infer R ? (R extends Request ? Omit<R, 'id'> : never) : never;

/**
 * One view's talk with the kernel. The newest request wins: what answers an older one is never
 * drawn, however late it comes.
 */
export class Session implements Host {
  readonly #model: AnyModel<State>;
  /** The oldest answer that is still of interest. */
  #awaited: number;
  /** What the kernel is at, as far as this view knows. */
  #running: 'explain' | Question | null = null;
  /** Of each kind of question the newest, until nothing else is running. */
  readonly #waiting = new Map<Question, Body & { kind: Question }>();

  constructor(model: AnyModel<State>) {
    this.#model = model;
    this.#awaited = model.get('result')?.request ?? 0;
  }

  get choices(): Choices {
    return { ...NO_CHOICES, ...this.#model.get('choices') };
  }

  isStale(request: number): boolean {
    return request < this.#awaited;
  }

  /** New scores put aside whatever was asked about the old ones. */
  explain(settings: Settings): void {
    this.#waiting.clear();
    this.#running = 'explain';
    this.#awaited = this.#send({ kind: 'explain', settings });
  }

  check(k: number): void {
    this.#ask({ kind: 'checks', k });
  }

  measure(groups: string[], k: number): void {
    this.#ask({ kind: 'metrics', groups, k });
  }

  curves(): void {
    this.#ask({ kind: 'curves' });
  }

  whatIf(change: Change): void {
    this.#ask({ kind: 'what-if', ...change });
  }

  compare(methods: readonly string[]): void {
    this.#ask({ kind: 'compare', methods });
  }

  standing(question: Question): 'asked' | 'waiting' | 'none' {
    if (this.#waiting.has(question)) return 'waiting';
    return this.#running === question ? 'asked' : 'none';
  }

  /** Cancelling asks for nothing new: what has arrived until then shall still be drawn. */
  cancel(): void {
    this.#send({ kind: 'cancel' });
  }

  /** It computes nothing, so that nothing else is put off by it. */
  frame(name: string, replace: boolean): Promise<FrameReply> {
    const model = this.#model;
    return new Promise((resolve) => {
      const asked = this.#send({ kind: 'frame', name, replace });
      const onFramed = (): void => {
        const reply = model.get('framed');
        if (reply.request !== asked) return;
        model.off('change:framed', onFramed);
        resolve(reply);
      };
      model.on('change:framed', onFramed);
    });
  }

  /** The kernel has begun or ended something. */
  follow(state: Progress['state']): void {
    if (state === 'running') {
      this.#running ??= 'explain';
      return;
    }
    this.#running = null;
    if (state === 'failed') this.#waiting.clear();
    const [next] = this.#waiting.values();
    if (!next) return;
    this.#waiting.delete(next.kind);
    this.#ask(next);
  }

  /** A question would push aside what is being computed, so it waits, unless it is the same. */
  #ask(body: Body & { kind: Question }): void {
    if (this.#running !== null && this.#running !== body.kind) {
      this.#waiting.set(body.kind, body);
      return;
    }
    this.#running = body.kind;
    this.#awaited = this.#send(body);
  }

  #send(body: Body): number {
    const model = this.#model;
    const last = Math.max(
      this.#awaited,
      model.get('result')?.request ?? 0,
      model.get('request')?.id ?? 0,
    );
    const request = { ...body, id: last + 1 } as Request;
    model.set('request', request);
    model.save_changes();
    return request.id;
  }
}
