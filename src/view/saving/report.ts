import type { Explanation } from '../../protocol/explanation';
import { order } from '../model/rank';
import type { ScoreTable } from '../model/score-table';
import type { Scores } from '../model/vector';
import { foilHead } from '../wording/foil-and-targets';
import { count, excerpt, interval, signed } from '../wording/format';
import { costLine, methodTitle, scoreTitle, summaryParts } from '../wording/sentences';

/** The explanation as plain text, for a message or a lab book. */
export function reportText(explanation: Explanation, table: ScoreTable, k: number): string {
  const { prompt, response, model, method } = explanation;
  const lines = [
    `Which parts of the prompt made the answer: ${methodTitle(method.name)}, ${scoreTitle(explanation)}`,
    `Model: ${model.name}`,
    '',
    'Answer:',
    response.units
      .map(({ text }) => text)
      .join('')
      .trim(),
    ...(response.foil ? ['', `${foilHead(explanation)}:`, response.foil.text.trim()] : []),
    '',
    'Whole answer:',
    ...ranking(explanation, table, table.total, table.rows),
  ];
  if (table.columns.length > 1) {
    table.columns.forEach((column, index) => {
      lines.push('', `“${excerpt(column.text)}”:`);
      if (column.aside) lines.push(`  ${column.aside}`);
      else lines.push(...ranking(explanation, table, table.forResponse([index]), k));
    });
  }
  lines.push(
    '',
    ...summaryParts(explanation, k).map((part) => part.join(': ')),
    costLine(explanation.cost),
  );
  if (explanation.partial) lines.push('Partial: the run was stopped early.');
  lines.push(...explanation.notes);
  lines.push(`${count(prompt.units.length, 'prompt unit')}, seed ${explanation.seed}`);
  return `${lines.join('\n')}\n`;
}

function ranking(
  explanation: Explanation,
  table: ScoreTable,
  scores: Scores,
  most: number,
): string[] {
  return order(scores.values)
    .slice(0, most)
    .map((row) => {
      const unit = explanation.prompt.units[table.units[row] ?? -1];
      const text = excerpt(unit?.text ?? '', 80);
      return `  ${numbers(scores, row).padEnd(24)} ${text}`;
    });
}

function numbers({ values, low, high }: Scores, row: number): string {
  const score = values[row] ?? null;
  if (score === null) return 'not evaluated';
  const from = low?.[row] ?? null;
  const to = high?.[row] ?? null;
  return from === null || to === null ? signed(score) : `${signed(score)} ${interval(from, to)}`;
}
