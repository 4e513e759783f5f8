// Providers people often use, as data: where their OpenAI-compatible API is, and a model to begin with. Add a line to add one.

export interface Preset {
  readonly id: string;
  readonly label: string;
  readonly baseUrl: string;
  readonly models: string;
  readonly needsKey: boolean;
}

export const PRESETS: readonly Preset[] = [
  { id: 'openai', label: 'OpenAI', baseUrl: 'https://api.openai.com/v1', models: 'gpt-5-mini', needsKey: true },
  { id: 'anthropic', label: 'Anthropic', baseUrl: 'https://api.anthropic.com/v1', models: 'claude-sonnet-4-5', needsKey: true },
  { id: 'mistral', label: 'Mistral', baseUrl: 'https://api.mistral.ai/v1', models: 'mistral-small-latest', needsKey: true },
  {
    id: 'gemini',
    label: 'Google Gemini',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
    models: 'gemini-2.5-flash',
    needsKey: true,
  },
  { id: 'groq', label: 'Groq', baseUrl: 'https://api.groq.com/openai/v1', models: 'llama-3.3-70b-versatile', needsKey: true },
  { id: 'openrouter', label: 'OpenRouter', baseUrl: 'https://openrouter.ai/api/v1', models: 'openai/gpt-5-mini', needsKey: true },
  { id: 'ollama', label: 'Ollama', baseUrl: 'http://127.0.0.1:11434/v1', models: 'llama3.2', needsKey: false },
];

export const OTHER = 'other';
