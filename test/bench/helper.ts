import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A program of this folder in a process of its own, which answers questions one at a time. Says one thing at its start. */
export class Helper<Greeting, Question, Answer> {
  readonly greeting: Greeting;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess, greeting: Greeting) {
    this.#process = child;
    this.greeting = greeting;
  }

  static async start<Greeting, Question, Answer>(
    program: string,
    args: readonly string[],
  ): Promise<Helper<Greeting, Question, Answer>> {
    const child = fork(fileURLToPath(new URL(program, import.meta.url)), args, {
      execArgv: [...process.execArgv, '--expose-gc'],
    });
    return new Helper<Greeting, Question, Answer>(child, (await nextFrom(child)) as Greeting);
  }

  async ask(question: Question): Promise<Answer> {
    const answer = nextFrom(this.#process);
    this.#process.send(question as object);
    return (await answer) as Answer;
  }

  async stop(): Promise<void> {
    const exited = once(this.#process, 'exit');
    this.#process.disconnect();
    await exited;
  }
}

/** The other side: says the greeting, answers until nobody can ask any more, then tidies up. */
export function serve<Question, Answer>(
  greeting: object,
  answer: (question: Question) => Answer | Promise<Answer>,
  end: () => unknown,
): void {
  process.on('message', async (question) => process.send?.(await answer(question as Question)));
  process.on('disconnect', end);
  process.send?.(greeting);
}

function nextFrom(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (how: () => void) => {
      child.off('message', heard);
      child.off('exit', gone);
      how();
    };
    const heard = (message: unknown) => settle(() => resolve(message));
    const gone = (code: number | null) => settle(() => reject(new Error(`a helper ended with ${code}`)));
    child.on('message', heard);
    child.on('exit', gone);
  });
}
