import type { AnyModel } from '@anywidget/types';
import type { Choices, FrameReply, Host, Progress, Settings } from '../view';
import type { Request, State } from './state';

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
  #running = false;
  /** What waits until the scores are there. */
  #after: Body | null = null;

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

  explain(settings: Settings): void {
    this.#after = null;
    this.#running = true;
    this.#awaited = this.#send({ kind: 'explain', settings });
  }

  /** A check would push aside scores that are still being computed, so it waits for them. */
  check(k: number): void {
    this.#test({ kind: 'checks', k });
  }

  measure(groups: string[], k: number): void {
    this.#test({ kind: 'metrics', groups, k });
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
    this.#running = state === 'running';
    const after = this.#after;
    if (this.#running || after === null) return;
    this.#after = null;
    if (state !== 'failed') this.#test(after);
  }

  #test(body: Body): void {
    if (this.#running) this.#after = body;
    else this.#awaited = this.#send(body);
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
