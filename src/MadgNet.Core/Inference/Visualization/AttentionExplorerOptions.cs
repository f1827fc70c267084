using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>How an <see cref="AttentionExplorer"/> looks at images.</summary>
public sealed record AttentionExplorerOptions
{
    /// <summary>
    /// The height and width that images are resized to before the network sees them, as the published protocol does with
    /// 352×352; maps are resized back. Null leaves images at their own size. Default null.
    /// </summary>
    public (int Height, int Width)? InputSize { get; init; }

    /// <summary>What reads image files. Default: every format of <see cref="ImageReader"/>.</summary>
    public IImageReader Reader { get; init; } = new ImageReader();

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        if (InputSize is { } size)
        {
            Guard.Range(problems, "InputSize's height", size.Height, 1);
            Guard.Range(problems, "InputSize's width", size.Width, 1);
        }

        PictureChecks.Present(problems, nameof(Reader), Reader, "an image reader");
        return problems;
    }
}
