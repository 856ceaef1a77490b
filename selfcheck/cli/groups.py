"""Groups of commands that do something by themselves, too: `selfcheck history`, `selfcheck appeal`."""

from typing import Any

import click


class DefaultGroup(click.Group):
    """A group whose first word is a subcommand or, where it is none, what the group itself does.

    So a PROFILE may stand where a subcommand may; one that is called like a subcommand is written after `--`.
    """

    def __init__(self, *args: Any, default: "DefaultCommand", **more: Any) -> None:
        super().__init__(*args, **more)
        self.default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take what does not begin with a subcommand, or a wish for help, as words for the group itself."""
        if args[:1] and (args[0] in self.commands or args[0] in ctx.help_option_names):
            return super().parse_args(ctx, args)
        return super().parse_args(ctx, ["", *args])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a subcommand, or what the group itself does."""
        return super().get_command(ctx, cmd_name) if cmd_name else self.default

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write both ways to use it."""
        formatter.write_usage(ctx.command_path, " ".join(self.default.collect_usage_pieces(ctx)))
        formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of the group itself, and the subcommands."""
        self.default.format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


class DefaultCommand(click.Command):
    """What a group itself does; its messages call it by the group's name."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Make its context in the place of the group's."""
        above = parent.parent if parent else None
        name = parent.info_name if parent else info_name
        return super().make_context(name, args, parent=above, **extra)
