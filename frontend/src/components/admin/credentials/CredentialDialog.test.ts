import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'

import type { Credential } from '@/api/credentials'
import { playServer } from '@/testing/server'

import CredentialDialog from './CredentialDialog.vue'

afterEach(() => {
  vi.unstubAllGlobals()
  document.body.replaceChildren()
})

const open = (credential: Partial<Credential> | null) =>
  mount(CredentialDialog, {
    props: { credential: credential as Credential | null },
    attachTo: document.body,
  })
const save = async (shown: ReturnType<typeof open>) => {
  await shown.get('form').trigger('submit')
  await flushPromises()
}

describe('CredentialDialog', () => {
  it('asks for what the kind consists of, and sends only that', async () => {
    const calls = playServer([201, {}])
    const shown = open(null)
    await shown.get('[data-testid="credential-name"]').setValue('web')
    await shown.get('[data-testid="credential-kind"]').setValue('password')
    await shown.get('[data-testid="secret-username"]').setValue('deploy')
    const field = shown.get('[data-testid="secret-password"]')
    expect(field.attributes('type')).toBe('password')
    await field.setValue('s3cret-word')
    await save(shown)
    expect(calls[0]?.body).toEqual({
      name: 'web',
      kind: 'password',
      description: '',
      secret: { username: 'deploy', password: 's3cret-word' },
    })
  })

  it('changes the description alone where no secret was typed', async () => {
    const calls = playServer([200, {}])
    const shown = open({ name: 'web', kind: 'token', description: 'old', source: 'sealed' })
    await save(shown)
    expect(calls[0]).toMatchObject({ method: 'PATCH', body: { description: 'old' } })
    expect(calls[0]?.body).not.toHaveProperty('secret')
  })

  it('notes where a vault keeps it', async () => {
    const calls = playServer([201, {}])
    const shown = open(null)
    await shown.get('[data-testid="credential-name"]').setValue('web')
    await shown.get('[data-testid="choice-vault"]').setValue()
    await shown.get('[data-testid="vault-path"]').setValue('ops/web')
    await save(shown)
    expect(calls[0]?.body).toMatchObject({
      vault: { mount: 'secret', path: 'ops/web', fields: { private_key: 'private_key' } },
    })
  })
})
