import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'

import MarkdownText from '@/components/form/values/MarkdownText'

import { parseMarkdown, safeHref } from './markdown'

const drawn = (source: string) => mount(MarkdownText, { props: { source } })

describe('markdown', () => {
  it('draws headings, lists, quotes, code, bold and links', () => {
    const page = drawn(
      '# 标题\n\n- **粗** 和 `x`\n- *斜*\n\n1. 一\n2. 二\n\n> 引用\n\n```\n<b>\n```\n[官网](https://a.b/c?d=1)',
    )
    expect(page.get('h3').text()).toBe('标题')
    expect(page.findAll('ul li')).toHaveLength(2)
    expect(page.findAll('ol li').map((item) => item.text())).toEqual(['一', '二'])
    expect(page.get('strong').text()).toBe('粗')
    expect(page.get('em').text()).toBe('斜')
    expect(page.get('blockquote').text()).toBe('引用')
    expect(page.get('pre').text()).toBe('<b>')
    expect(page.get('a').attributes()).toMatchObject({
      href: 'https://a.b/c?d=1',
      rel: 'noopener noreferrer nofollow',
      target: '_blank',
    })
  })

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '**<svg onload=alert(1)>**',
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](data:text/html;base64,PHNjcmlwdD4=)',
    '[x](//evil.example)',
    '[x](/logout)',
  ])('test_A43: keeps %s as the text it is', (source) => {
    const page = drawn(source)
    expect(page.findAll('script, img, svg, a')).toHaveLength(0)
    expect(page.text()).toContain(source.replaceAll('**', ''))
  })

  it('links only what the web knows', () => {
    expect(safeHref('https://a.b')).toBe('https://a.b/')
    expect(safeHref('http://')).toBeNull()
    expect(safeHref('mailto:a@b')).toBeNull()
  })

  it('ends on anything, and quickly', () => {
    const started = performance.now()
    for (const piece of ['*', '[', '`', '#', '> ', '- ', '**a', '[a](', '```\n']) {
      expect(parseMarkdown(piece.repeat(5000)).length).toBeGreaterThan(0)
    }
    expect(performance.now() - started).toBeLessThan(2000)
  })
})
