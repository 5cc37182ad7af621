import { describe, expect, it } from 'vitest'

import { aPlan, aPlanLine } from '@/testing/ticket'

import { diffLines, heldBack, unseen } from './diff'

const dryRun = (state: 'waiting' | 'done' | 'failed' | 'later') => ({
  mode: 'required' as const,
  state,
  words: '',
})

describe('a diff', () => {
  it('is told line by line', () => {
    const diff = '--- before\n+++ after\n@@ -1,2 +1,2 @@\n same\n-old\n+new\n'
    expect(diffLines(diff).map(({ kind }) => kind)).toEqual([
      'head',
      'head',
      'place',
      'same',
      'removed',
      'added',
    ])
  })
  it('may be a sentence', () => {
    expect(diffLines('restarted\n')).toEqual([{ kind: 'same', text: 'restarted' }])
  })
  it('keeps lines that only look like its head', () => {
    expect(diffLines('--- a\n+++ b\n@@ @@\n--- x\n').at(-1)?.kind).toBe('removed')
  })
})

describe('what keeps a yes back', () => {
  it('is a required dry run that is not there', () => {
    expect(unseen([{ ...aPlanLine, dry_run: dryRun('waiting') }])).toHaveLength(1)
    expect(unseen([{ ...aPlanLine, dry_run: dryRun('done') }])).toHaveLength(0)
    expect(unseen([{ ...aPlanLine, dry_run: { ...dryRun('waiting'), mode: 'offered' } }])).toEqual(
      [],
    )
    expect(unseen([{ ...aPlanLine, dry_run: dryRun('later') }])).toEqual([])
  })
  it('is said where somebody else could decide, and only there', () => {
    const run = { ...dryRun('failed'), summary: null, digest: '', message: '', progress: null }
    const plan = { ...aPlan, dry_run: { ...run, finished_at: null, may_repeat: true } }
    expect(heldBack({ plans: [plan] }, ['return', 'veto'])).toBe('failed')
    expect(heldBack({ plans: [plan] }, ['approve', 'veto'])).toBe('')
    expect(heldBack({ plans: [plan] }, [])).toBe('')
  })
})
