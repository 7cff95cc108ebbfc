import { type Fragment, id, type Statement, sql, statement, tuples } from '../../db/statement.ts'
import { shopSchema } from './sql.ts'

export const eventsTable = 'product_views'
export const countsTable = 'product_view_counts'
export const productsTable = 'products'
/** What the shop wrote, kept for the check: rowkeeper never sees it. */
const truthTable = 'product_views_written'

const events = tableOf(eventsTable)
const truth = tableOf(truthTable)
const products = tableOf(productsTable)
const counts = tableOf(countsTable)

function tableOf(table: string): Fragment {
  return sql`${id(shopSchema)}.${id(table)}`
}

const columns = sql`id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, product_id INT UNSIGNED NOT NULL,
    viewed_at DATETIME NOT NULL`

export const createViews: Statement = statement('shop.create-views', sql`CREATE TABLE ${events} (${columns})`)
export const createTruth: Statement = statement('shop.create-truth', sql`CREATE TABLE ${truth} (${columns})`)
export const createProducts: Statement = statement(
  'shop.create-products',
  sql`CREATE TABLE ${products} (id INT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL,
    view_count BIGINT UNSIGNED NOT NULL DEFAULT 0, changed_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)`,
)

export function insertProducts(count: number): Statement {
  return statement(
    'shop.insert-products',
    sql`INSERT INTO ${products} (id, name)
      WITH RECURSIVE numbers AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})
      SELECT n, CONCAT('Product ', n) FROM numbers`,
  )
}

/** As many views again as there are: a few products are looked at all the time, most now and then. */
export function doubleViews(
  table: 'events' | 'truth',
  { had, want, products: count, begin }: { had: number; want: number; products: number; begin: string },
): Statement {
  const into = table === 'events' ? events : truth
  return statement(
    'shop.double-views',
    sql`INSERT INTO ${into} SELECT id + ${had},
        FLOOR(POW(${count + 1}, CRC32(id + ${had}) / 4294967296)),
        ${begin} + INTERVAL (id + ${had}) * 86400 DIV ${want} SECOND
      FROM ${into} WHERE id + ${had} <= ${want}`,
  )
}

export interface View {
  readonly product: number
  readonly viewedAt: string
}

/** In one transaction both tables get the same. */
export function insertViews(table: 'events' | 'truth', views: readonly View[]): Statement {
  const into = table === 'events' ? events : truth
  const rows = views.map(({ product, viewedAt }) => [product, viewedAt])
  return statement(
    'shop.insert-views',
    sql`INSERT INTO ${into} (product_id, viewed_at) VALUES ${tuples(rows)}`,
  )
}

export const countTruth: Statement = statement(
  'shop.count-truth',
  sql`SELECT COUNT(*) AS written FROM ${truth}`,
)

/** One instant: what was written, what waits, and what differs from the counters. */
export const selectViewCheck: Statement = statement(
  'shop.check-views',
  sql`SELECT (SELECT COUNT(*) FROM ${truth}) AS written, (SELECT COUNT(*) FROM ${events}) AS waiting,
    (SELECT COUNT(*) FROM (
      SELECT product_id, DATE(viewed_at) AS day, COUNT(*) AS views FROM ${truth} GROUP BY product_id, day) AS t
      LEFT JOIN ${counts} AS c ON c.product_id = t.product_id AND c.bucket_size = 'day' AND c.bucket_start = t.day
      WHERE c.views IS NULL OR c.views <> t.views) AS wrong_days,
    (SELECT COUNT(*) FROM (SELECT product_id, COUNT(*) AS views FROM ${truth} GROUP BY product_id) AS t
      LEFT JOIN ${products} AS p ON p.id = t.product_id WHERE p.view_count IS NULL OR p.view_count <> t.views) AS wrong_totals,
    (SELECT COALESCE(SUM(views), 0) FROM ${counts} WHERE bucket_size = 'day') AS counted`,
)
