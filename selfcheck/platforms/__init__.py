"""All that is known of a platform, as data: a schema, a catalogue, and one YAML file per platform."""
