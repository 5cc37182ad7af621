import { flushPromises } from '@vue/test-utils'
import { describe, expect, it, vi } from 'vitest'

import { openView, refused, type Reply } from '@/testing/view'

import LoginView from './LoginView.vue'

const open = (answer: Reply, next = '/tickets/CHG-1', at = '/login') =>
  openView(LoginView, { at, answers: { 'POST auth/login': answer } }, { next })

type Page = Awaited<ReturnType<typeof open>>
async function logIn({ byHook, wrapper }: Page) {
  await byHook('login-username').setValue(' bob ')
  await byHook('login-password').setValue('secret')
  await wrapper.get('form').trigger('submit')
  await flushPromises()
}

describe('the log-in', () => {
  it('leads to where somebody was going, and to no other site', async () => {
    const page = await open({})
    await logIn(page)
    expect(page.asked('POST auth/login')[0]?.body).toEqual({ username: 'bob', password: 'secret' })
    await vi.waitFor(() => expect(page.router.currentRoute.value.path).toBe('/tickets/CHG-1'))

    const lured = await open({}, '//evil.example.com')
    await logIn(lured)
    await vi.waitFor(() => expect(lured.router.currentRoute.value.path).toBe('/'))
  })

  it('says why not, and forgets the password', async () => {
    const page = await open(() =>
      refused(401, { code: 'bad_credentials', detail: '用户名或密码不对。' }),
    )
    await logIn(page)
    expect(page.wrapper.get('[role="alert"]').text()).toBe('用户名或密码不对。')
    expect(page.byHook('login-password').element).toHaveProperty('value', '')
    expect(page.byHook('login-username').element).toHaveProperty('value', ' bob ')
  })

  it('says that a session has ended', async () => {
    const { wrapper } = await open({}, '/', '/login?expired=1')
    expect(wrapper.get('[role="status"]').text()).toContain('登录')
  })
})
