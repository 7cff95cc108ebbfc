import type { ForeignKey, ReferentialAction } from '../../../src/db/foreign-keys.ts'
import { readForeignKeys } from '../../../src/db/foreign-keys.ts'
import { readReferringTables } from '../../../src/db/referring-tables.ts'
import type { TableName } from '../../../src/db/statement.ts'
import type { Finding } from '../../../src/run/events.ts'
import { quoteName } from '../partitions/age-column.ts'
import type { ChildTables, Tables } from '../tables.ts'
import { type CheckScene, type Look, refusal } from './look.ts'

/** A live table with those that move together with it. */
export interface FamilyTree {
  readonly name: TableName
  /** The foreign keys that other tables have to it. */
  readonly incoming: readonly ForeignKey[]
  /** Tables with foreign keys to it that the account may not see. */
  readonly hidden: readonly TableName[]
  readonly children: readonly (FamilyTree & { readonly columns: readonly string[] })[]
}

/** What else would change, or be in the way, when a row is deleted. Keys that the table itself has are left out of the archive. */
export const checkForeignKeys: Look = async (scene) => {
  const tree = await readTree(scene, scene.tables)
  return judgeTree(tree, scene.settings.job)
}

async function readTree({ context }: CheckScene, { source, children }: Pick<Tables, 'source' | 'children'>) {
  const read = async (name: TableName, below: readonly ChildTables[]): Promise<FamilyTree> => {
    const { incoming } = await context.read((session) => readForeignKeys(session, name))
    const referring = (await context.read((session) => readReferringTables(session, name))) ?? []
    const seen = new Set(incoming.map(({ table }) => keyOf(table)))
    const hidden = referring.filter((table) => !seen.has(keyOf(table)))
    const trees = []
    for (const child of below) {
      const columns = child.columns.map((column) => column.name)
      trees.push({ ...(await read(child.table.name, child.children)), columns })
    }
    return { name, incoming, hidden, children: trees }
  }
  return read(source.table.name, children)
}

/** Pure. The findings of a table come before those of its children. */
export function judgeTree(root: FamilyTree, job: string): readonly Finding[] {
  const judge = (tree: FamilyTree, above: readonly FamilyTree[]): readonly Finding[] => [
    ...refuseCycles(tree, above),
    ...refuseUnlisted(tree, { root, above, job }),
    ...refuseHidden(tree),
    ...tree.children.flatMap((child) => judge(child, [...above, tree])),
  ]
  return judge(root, [])
}

/** A row that is referred to from its own table, or from one above it, would have to go both first and last. */
function refuseCycles(tree: FamilyTree, above: readonly FamilyTree[]): readonly Finding[] {
  const line = [...above, tree]
  return tree.incoming
    .filter(({ table }) => line.some(({ name }) => keyOf(name) === keyOf(table)))
    .map((foreignKey) => {
      const own = keyOf(foreignKey.table) === keyOf(tree.name)
      const evidence = own
        ? `${tree.name.table} refers to itself by ${describe(foreignKey)}, so an old row may belong to a younger one.`
        : `${tree.name.table} belongs to ${foreignKey.table.table}, which refers to it in turn by ${describe(foreignKey)}: neither can go first.`
      return refusal(
        'foreignKeyCycle',
        `${evidence} ${consequence(foreignKey.onDelete)}`,
        dropKey([foreignKey]),
      )
    })
}

interface Position {
  readonly root: FamilyTree
  readonly above: readonly FamilyTree[]
  readonly job: string
}

function refuseUnlisted(tree: FamilyTree, position: Position): readonly Finding[] {
  const line = [...position.above, tree].map(({ name }) => keyOf(name))
  const unlisted = tree.incoming.filter(
    (foreignKey) =>
      !line.includes(keyOf(foreignKey.table)) && !tree.children.some((child) => isFor(child, foreignKey)),
  )
  if (unlisted.length === 0) return []
  const evidence = unlisted
    .map((foreignKey) => `${nameIn(tree.name, foreignKey.table)} by ${describe(foreignKey)}`)
    .join('; ')
  const consequences = [...new Set(unlisted.map(({ onDelete }) => consequence(onDelete)))].join(' ')
  return [
    refusal(
      'foreignKeys',
      `Other tables refer to rows of ${tree.name.table}: ${evidence}. ${consequences}`,
      adviseChildren(tree, unlisted, position),
    ),
  ]
}

function isFor(child: FamilyTree['children'][number], { table, columns }: ForeignKey): boolean {
  const fold = (names: readonly string[]) => names.map((name) => name.toLowerCase()).join('\n')
  return keyOf(child.name) === keyOf(table) && fold(child.columns) === fold(columns)
}

function nameIn({ schema }: TableName, table: TableName): string {
  return table.schema === schema ? table.table : `${table.schema}.${table.table}`
}

/** `rental_id (payment_ibfk_1, ON DELETE SET NULL)`. */
function describe({ name, columns, onDelete }: ForeignKey): string {
  return `${columns.join(', ')} (${name}, ON DELETE ${onDelete})`
}

function consequence(onDelete: ReferentialAction): string {
  switch (onDelete) {
    case 'CASCADE':
      return 'Deleting a row would delete theirs, without a copy.'
    case 'SET NULL':
    case 'SET DEFAULT':
      return `Deleting a row would change theirs without a word (${onDelete}).`
    case 'RESTRICT':
    case 'NO ACTION':
      return 'They would keep the row from being deleted.'
  }
}

/** As deep as the configuration goes. */
const DEEPEST = 2

function adviseChildren(
  tree: FamilyTree,
  unlisted: readonly ForeignKey[],
  { root, above, job }: Position,
): string {
  const misnamed = unlisted.filter((foreignKey) => isMisnamed(tree, foreignKey))
  if (misnamed.length === unlisted.length) {
    const keys = misnamed.map(
      ({ table, columns }) => `key: [${columns.map(yaml).join(', ')}] of ${table.table}`,
    )
    return `In jobs.${job}.children, correct ${keys.join(' and ')}`
  }
  const known = new Set(listNames(root).map(keyOf))
  const canMove = unlisted.every(({ table }) => table.schema === root.name.schema && !known.has(keyOf(table)))
  if (!canMove || above.length >= DEEPEST) return dropKey(unlisted)
  const added = unlisted.map(({ table, columns }) => ({ name: table, columns, children: [] }))
  return `Let their rows move too. In jobs.${job}: children: ${writeChildren(root, tree, added)}`
}

/** Listed as a child, by columns that are no foreign key. */
function isMisnamed(tree: FamilyTree, { table }: ForeignKey): boolean {
  const listed = tree.children.filter((child) => keyOf(child.name) === keyOf(table))
  return (
    listed.length > 0 && !listed.some((child) => tree.incoming.some((foreignKey) => isFor(child, foreignKey)))
  )
}

interface Entry {
  readonly name: TableName
  readonly columns: readonly string[]
  readonly children: readonly Entry[]
}

/** The whole value of the key, so that it can be pasted: `[{ table: payment, key: [rental_id] }]`. */
function writeChildren(
  tree: Pick<Entry, 'name' | 'children'>,
  extended: FamilyTree,
  added: readonly Entry[],
): string {
  const own = keyOf(tree.name) === keyOf(extended.name) ? added : []
  const entries = [...tree.children, ...own].map((child) => {
    const below = writeChildren(child, extended, added)
    const nested = below === '[]' ? '' : `, children: ${below}`
    return `{ table: ${yaml(child.name.table)}, key: [${child.columns.map(yaml).join(', ')}]${nested} }`
  })
  return entries.length === 0 ? '[]' : `[${entries.join(', ')}]`
}

function yaml(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)
}

function dropKey(foreignKeys: readonly ForeignKey[]): string {
  const drops = foreignKeys.map(
    ({ table, name }) => `ALTER TABLE ${quoteTable(table)} DROP FOREIGN KEY ${quoteName(name)}`,
  )
  return `These rows cannot move together. Without the key they can: ${drops.join('; ')}`
}

function refuseHidden({ name, hidden }: FamilyTree): readonly Finding[] {
  if (hidden.length === 0) return []
  const tables = hidden.map(({ schema, table }) => `${schema}.${table}`)
  return [
    refusal(
      'foreignKeysHidden',
      `Tables that the account may not see refer to rows of ${name.table}: ${tables.join(', ')}. Deleting a row may change theirs.`,
      `Let the account see them, then they are told with what a DELETE does: ${tables.map((table) => `GRANT SELECT ON ${table} TO …`).join('; ')}`,
    ),
  ]
}

function listNames(tree: FamilyTree): readonly TableName[] {
  return [tree.name, ...tree.children.flatMap(listNames)]
}

function quoteTable({ schema, table }: TableName): string {
  return `${quoteName(schema)}.${quoteName(table)}`
}

/** Both sides are spelled as the catalogue has them. */
function keyOf({ schema, table }: TableName): string {
  return `${schema}\n${table}`
}
