using System.Globalization;

namespace MadgNet.Core.Inputs;

/// <summary>The height and width of an image, in pixels.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct ImageSize(int Height, int Width)
{
    /// <summary>The size as a tuple.</summary>
    /// <param name="size">The size.</param>
    public static implicit operator (int Height, int Width)(ImageSize size) => (size.Height, size.Width);

    /// <summary>A tuple as a size.</summary>
    /// <param name="size">Height and width.</param>
    public static implicit operator ImageSize((int Height, int Width) size) => new(size.Height, size.Width);

    /// <summary>Height and width.</summary>
    /// <returns>For example <c>352×352</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Height}×{Width}");
}
