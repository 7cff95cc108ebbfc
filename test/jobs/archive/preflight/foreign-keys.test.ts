import { describe, expect, test } from 'vitest'
import { type FamilyTree, judgeTree } from '../../../../jobs/archive/checks/foreign-keys.ts'
import type { ForeignKey, ReferentialAction } from '../../../../src/db/foreign-keys.ts'

const schema = 'sakila'

/** `payment.rental_id → rental`. */
function key(text: string, onDelete: ReferentialAction = 'RESTRICT'): ForeignKey {
  const [from = '', to = ''] = text.split(' → ')
  const [table = '', column = ''] = from.split('.')
  return {
    name: `fk_${table}_${to}`,
    table: { schema, table },
    columns: [column],
    referenced: { schema, table: to },
    referencedColumns: [`${to}_id`],
    onDelete,
    onUpdate: 'CASCADE',
  }
}

function table(
  name: string,
  incoming: readonly ForeignKey[] = [],
  children: FamilyTree['children'] = [],
): FamilyTree {
  return { name: { schema, table: name }, incoming, hidden: [], children }
}

const child = (column: string, tree: FamilyTree) => ({ ...tree, columns: [column] })

/** Identifier, evidence and advice of each finding. */
function judged(tree: FamilyTree): readonly string[] {
  return judgeTree(tree, 'old-rentals').map(({ id, evidence, fix }) => `${id}: ${evidence}\n${fix}`)
}

describe('foreign keys of other tables', () => {
  test('are fine when there are none, and when each is of a child that is listed', () => {
    expect(judged(table('rental'))).toEqual([])
    const line = child('payment_id', table('line'))
    const payment = child('rental_id', table('payment', [key('line.payment_id → payment')], [line]))
    expect(judged(table('rental', [key('payment.rental_id → rental', 'SET NULL')], [payment]))).toEqual([])
  })

  test('are listed with what they do, and with the lines that let their rows move too', () => {
    const incoming = [
      key('payment.rental_id → rental', 'SET NULL'),
      key('damage.rental_id → rental', 'CASCADE'),
    ]
    expect(judged(table('rental', incoming))).toMatchInlineSnapshot(`
      [
        "archive.foreignKeys: Other tables refer to rows of rental: payment by rental_id (fk_payment_rental, ON DELETE SET NULL); damage by rental_id (fk_damage_rental, ON DELETE CASCADE). Deleting a row would change theirs without a word (SET NULL). Deleting a row would delete theirs, without a copy.
      Let their rows move too. In jobs.old-rentals: children: [{ table: payment, key: [rental_id] }, { table: damage, key: [rental_id] }]",
      ]
    `)
  })

  test('of a child are to be listed below it, in a value that keeps what is there', () => {
    const payment = child('rental_id', table('payment', [key('pay line.payment_id → payment')]))
    const note = child('rental_id', table('note'))
    expect(
      judged(table('rental', [key('payment.rental_id → rental')], [note, payment])),
    ).toMatchInlineSnapshot(`
      [
        "archive.foreignKeys: Other tables refer to rows of payment: pay line by payment_id (fk_pay line_payment, ON DELETE RESTRICT). They would keep the row from being deleted.
      Let their rows move too. In jobs.old-rentals: children: [{ table: note, key: [rental_id] }, { table: payment, key: [rental_id], children: [{ table: "pay line", key: [payment_id] }] }]",
      ]
    `)
  })

  test('by another column than the one that is listed are not covered', () => {
    const payment = child('first_rental_id', table('payment'))
    const found = judged(table('rental', [key('payment.rental_id → rental')], [payment]))
    expect(found).toMatchInlineSnapshot(`
      [
        "archive.foreignKeys: Other tables refer to rows of rental: payment by rental_id (fk_payment_rental, ON DELETE RESTRICT). They would keep the row from being deleted.
      In jobs.old-rentals.children, correct key: [rental_id] of payment",
      ]
    `)
  })

  test('of a third generation cannot move', () => {
    const line = child('payment_id', table('line', [key('refund.line_id → line')]))
    const payment = child('rental_id', table('payment', [key('line.payment_id → payment')], [line]))
    expect(judged(table('rental', [key('payment.rental_id → rental')], [payment]))).toMatchInlineSnapshot(`
      [
        "archive.foreignKeys: Other tables refer to rows of line: refund by line_id (fk_refund_line, ON DELETE RESTRICT). They would keep the row from being deleted.
      These rows cannot move together. Without the key they can: ALTER TABLE \`sakila\`.\`refund\` DROP FOREIGN KEY \`fk_refund_line\`",
      ]
    `)
  })

  test('of a table that moves with another parent cannot move with two', () => {
    const line = child('payment_id', table('line'))
    const payment = child('rental_id', table('payment', [key('line.payment_id → payment')], [line]))
    const damage = child('rental_id', table('damage', [key('line.damage_id → damage')]))
    expect(judged(table('rental', [], [payment, damage]))).toMatchInlineSnapshot(`
      [
        "archive.foreignKeys: Other tables refer to rows of damage: line by damage_id (fk_line_damage, ON DELETE RESTRICT). They would keep the row from being deleted.
      These rows cannot move together. Without the key they can: ALTER TABLE \`sakila\`.\`line\` DROP FOREIGN KEY \`fk_line_damage\`",
      ]
    `)
  })

  test('in another schema cannot move', () => {
    const foreign = { ...key('audit.rental_id → rental'), table: { schema: 'books', table: 'audit' } }
    expect(judged(table('rental', [foreign]))).toMatchInlineSnapshot(`
      [
        "archive.foreignKeys: Other tables refer to rows of rental: books.audit by rental_id (fk_audit_rental, ON DELETE RESTRICT). They would keep the row from being deleted.
      These rows cannot move together. Without the key they can: ALTER TABLE \`books\`.\`audit\` DROP FOREIGN KEY \`fk_audit_rental\`",
      ]
    `)
  })
})

describe('a circle', () => {
  test('of a table with itself', () => {
    expect(judged(table('rental', [key('rental.first_id → rental', 'SET NULL')]))).toMatchInlineSnapshot(`
      [
        "archive.foreignKeyCycle: rental refers to itself by first_id (fk_rental_rental, ON DELETE SET NULL), so an old row may belong to a younger one. Deleting a row would change theirs without a word (SET NULL).
      These rows cannot move together. Without the key they can: ALTER TABLE \`sakila\`.\`rental\` DROP FOREIGN KEY \`fk_rental_rental\`",
      ]
    `)
  })

  test('of a child that its parent refers to', () => {
    const payment = child('rental_id', table('payment', [key('rental.last_payment → payment')]))
    expect(judged(table('rental', [key('payment.rental_id → rental')], [payment]))).toMatchInlineSnapshot(`
      [
        "archive.foreignKeyCycle: payment belongs to rental, which refers to it in turn by last_payment (fk_rental_payment, ON DELETE RESTRICT): neither can go first. They would keep the row from being deleted.
      These rows cannot move together. Without the key they can: ALTER TABLE \`sakila\`.\`rental\` DROP FOREIGN KEY \`fk_rental_payment\`",
      ]
    `)
  })
})

test('tables that may not be seen are refused by name', () => {
  const hidden = [{ schema: 'books', table: 'audit' }]
  expect(judged({ ...table('rental'), hidden })).toMatchInlineSnapshot(`
    [
      "archive.foreignKeysHidden: Tables that the account may not see refer to rows of rental: books.audit. Deleting a row may change theirs.
    Let the account see them, then they are told with what a DELETE does: GRANT SELECT ON books.audit TO …",
    ]
  `)
})
