using System.Globalization;

namespace MadgNet.Cli.CommandLine;

/// <summary>What <c>--size</c> says.</summary>
/// <param name="Pixels">The side in pixels; null for the images' own size.</param>
internal sealed record InputSide(int? Pixels)
{
    /// <summary>What is taken where the option is not given.</summary>
    public static InputSide Usual { get; } = new(CommonOptions.PublishedSize) { IsUsual = true };

    private bool IsUsual { get; init; }

    /// <summary>Height and width; null for the images' own.</summary>
    public (int Height, int Width)? Square => Pixels is { } side ? (side, side) : null;

    /// <summary>As it is written on the command line, which is how the help shows the default.</summary>
    public override string ToString() => IsUsual ? $"the network's own, else {CommonOptions.PublishedSize}" : Pixels?.ToString(CultureInfo.InvariantCulture) ?? "native";
}
