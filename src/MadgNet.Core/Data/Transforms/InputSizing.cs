using MadgNet.Core.Inputs;

namespace MadgNet.Core.Data.Transforms;

/// <summary>The transform that brings samples to the size of a network as its <see cref="ModelInput"/> says.</summary>
public static class InputSizing
{
    /// <summary>The transform for the size in a network's input.</summary>
    /// <param name="input">What the network expects.</param>
    /// <returns>A <see cref="Resize"/> or <see cref="Letterbox"/>; null where images stay at their own size.</returns>
    public static SegmentationTransform? For(ModelInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Size is { } size ? To(size, input.Fit) : null;
    }

    /// <summary>The transform for a size.</summary>
    /// <param name="size">The size.</param>
    /// <param name="fit">How images are brought to it.</param>
    /// <returns>A <see cref="Resize"/> or <see cref="Letterbox"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The size is not positive.</exception>
    public static SegmentationTransform To(ImageSize size, ImageFit fit) =>
        fit == ImageFit.Letterbox ? new Letterbox(size.Height, size.Width) : new Resize(size.Height, size.Width);
}
