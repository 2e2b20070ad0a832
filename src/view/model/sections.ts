import type { Explanation } from '../../protocol/explanation';
import { inThoughts } from './thoughts';

type Role = Explanation['prompt']['units'][number]['role'];

/** A piece of text in a pane; without an index it is shown but cannot be asked about. */
export interface Piece {
  readonly text: string;
  /** Row or column of the scores. */
  readonly index: number | null;
}

/** Neighbouring units with one author. */
export interface Section {
  readonly role: Role;
  readonly pieces: readonly Piece[];
  /** What the model wrote for itself; it is folded. */
  readonly thought?: boolean;
}

export const ROLE_NAMES: Record<Role, string> = {
  user: 'User',
  system: 'System',
  developer: 'Developer',
  assistant: 'Assistant',
  tool: 'Tool',
  context: 'Context',
  template: 'Template',
};

export function promptSections(units: Explanation['prompt']['units']): Section[] {
  const sections: { role: Role; pieces: Piece[] }[] = [];
  let row = 0;
  for (const unit of units) {
    let section = sections[sections.length - 1];
    if (!section || section.role !== unit.role) {
      section = { role: unit.role, pieces: [] };
      sections.push(section);
    }
    section.pieces.push({ text: unit.text, index: unit.protected ? null : row++ });
  }
  return sections;
}

export function responseSections(texts: readonly string[]): Section[] {
  const thoughts = inThoughts(texts);
  const sections: { role: Role; pieces: Piece[]; thought: boolean }[] = [];
  texts.forEach((text, index) => {
    const thought = thoughts[index] ?? false;
    let section = sections[sections.length - 1];
    if (!section || section.thought !== thought) {
      section = { role: 'assistant', pieces: [], thought };
      sections.push(section);
    }
    section.pieces.push({ text, index });
  });
  return sections;
}

/** A text split into the white space around it and itself; all white space stays itself. */
export function trim(text: string): { before: string; core: string; after: string } {
  const core = text.trim();
  if (core === '') return { before: '', core: text, after: '' };
  const start = text.indexOf(core);
  return {
    before: text.slice(0, start),
    core,
    after: text.slice(start + core.length),
  };
}
