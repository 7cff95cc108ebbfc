import type { ReadSession } from '../../../src/db/session.ts'
import type { Control } from '../../../src/run/context.ts'
import { controlTableNames } from '../../../src/run/sql.ts'
import { type Segment, toSegment } from './segment.ts'
import { selectSegments } from './sql.ts'

/** Those of a job that are not gone yet, oldest first. */
export async function readSegments(
  session: Pick<ReadSession, 'rows'>,
  { schema, isInstalled, missingTables }: Control,
  job: string,
): Promise<readonly Segment[]> {
  if (!isInstalled || missingTables.includes(segmentTable)) return []
  return (await session.rows(selectSegments(schema, job))).map(toSegment)
}

const segmentTable = controlTableNames.find((name) => name.endsWith('_segment')) ?? ''
