using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference;

/// <summary>How a <see cref="Predictor"/> predicts.</summary>
public sealed record PredictorOptions
{
    /// <summary>The probability from which on a pixel belongs to a label, 0..1. Default 0.5.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>
    /// The height and width that images are resized to before the network sees them, as the published protocol does with
    /// 352×352; probabilities are resized back. Null leaves images at their own size. Default null.
    /// </summary>
    public (int Height, int Width)? InputSize { get; init; }

    /// <summary>What reads image files. Default: every format of <see cref="ImageReader"/>.</summary>
    public IImageReader Reader { get; init; } = new ImageReader();

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (!(Threshold >= 0 && Threshold <= 1))
        {
            problems.Add(new Problem(nameof(Threshold), FormattableString.Invariant($"{Threshold}"), "0 to 1", "Use 0.5, or a threshold chosen on validation data"));
        }

        if (InputSize is { } size && (size.Height < 1 || size.Width < 1))
        {
            problems.Add(new Problem(nameof(InputSize), $"{size.Height}×{size.Width}", "a height and width of 1 or more, or null", "Use 352×352 as published, or null for the images' own size"));
        }

        if (Reader is null)
        {
            problems.Add(new Problem(nameof(Reader), "null", "an image reader", "Leave the default"));
        }

        return problems;
    }
}
