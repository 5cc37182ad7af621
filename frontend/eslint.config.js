import prettier from 'eslint-config-prettier'
import vue from 'eslint-plugin-vue'
import typescript from 'typescript-eslint'

export default typescript.config(
  { ignores: ['dist', 'src/api/schema.d.ts'] },
  ...typescript.configs.strict,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: typescript.parser } },
  },
  {
    rules: {
      'no-console': 'error',
      'no-eval': 'error',
      'no-undef': 'off', // the compiler knows better
      eqeqeq: 'error',
      'vue/no-v-html': 'error',
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/define-macros-order': 'error',
      'vue/require-default-prop': 'off', // optional props are typed as such
      'vue/no-restricted-syntax': [
        'error',
        {
          selector:
            'VAttribute[directive=true][key.name.name="bind"][key.argument.name=/^(innerHTML|outerHTML|srcdoc)$/i]',
          message: 'Raw HTML is never bound.',
        },
      ],
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'Raw HTML is never bound.' },
        { property: 'outerHTML', message: 'Raw HTML is never bound.' },
        { property: 'insertAdjacentHTML', message: 'Raw HTML is never bound.' },
      ],
    },
  },
  prettier,
)
