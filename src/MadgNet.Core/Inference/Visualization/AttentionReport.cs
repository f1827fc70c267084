using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference.Visualization;

/// <summary>
/// What a network made of one image: the maps of every stage, where its spatial attention saw foreground, how its channel
/// attention weighed the channels and from which frequency statistics. In managed memory and at the image's size.
/// </summary>
public sealed class AttentionReport
{
    internal AttentionReport(
        FloatImage image,
        IReadOnlyList<StageAttention> stages,
        IReadOnlyList<SplitAttentionWeights> encoder,
        (int Height, int Width) networkSize)
    {
        Image = image;
        Stages = stages;
        Encoder = encoder;
        NetworkSize = networkSize;
    }

    /// <summary>The image as it was given to the explorer, C×H×W.</summary>
    public FloatImage Image { get; }

    /// <summary>The height and width at which the network ran, padding included.</summary>
    public (int Height, int Width) NetworkSize { get; }

    /// <summary>The labels' names, one for every plane of a region, distance or boundary map.</summary>
    public IReadOnlyList<string> LabelNames { get; internal init; } = [];

    /// <summary>The probability from which on a pixel belongs to a label: the model's own, or 0.5.</summary>
    public double Threshold { get; internal init; }

    /// <summary>The decoder's stages, the deepest first.</summary>
    public IReadOnlyList<StageAttention> Stages { get; }

    /// <summary>
    /// The split attention of the encoder's blocks, in the order of computation; empty where the encoder has none or does not record it.
    /// </summary>
    public IReadOnlyList<SplitAttentionWeights> Encoder { get; }

    /// <summary>The probability of every label, n×H×W: the region of the last stage.</summary>
    public FloatImage Probability => Stages[^1].Maps.Region;

    /// <summary>
    /// A sheet of it all: the image, then for each stage region, distance, boundary and the foreground of every scale with its α and β.
    /// </summary>
    /// <param name="label">Whose maps are shown, 0 … n − 1.</param>
    /// <param name="tile">The side of the square that each picture is fitted into, 8 to 8192 pixels.</param>
    /// <returns>An 8-bit RGB image.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    /// <exception cref="InvalidOptionsException">The tile is out of its range.</exception>
    public PixelImage Overview(int label = 0, int tile = 150)
    {
        CheckLabel(label);
        return AttentionPictures.Overview(this, label, tile);
    }

    /// <summary>A sheet of the channel attention: the weights of every stage and scale, sorted.</summary>
    /// <param name="tile">The width of each chart, 8 to 8192 pixels.</param>
    /// <returns>An 8-bit RGB image; null where the network has no channel attention.</returns>
    public PixelImage? ChannelSheet(int tile = 220) => AttentionPictures.Channels(this, tile);

    /// <summary>
    /// A sheet of the frequency statistics: for each stage and scale the mean over the channels of the size of average,
    /// maximum and minimum, on the 7×7 grid of frequencies, in decades below the largest.
    /// </summary>
    /// <param name="tile">The side of each grid, 8 to 8192 pixels.</param>
    /// <returns>An 8-bit RGB image; null where the network has no channel attention.</returns>
    public PixelImage? FrequencySheet(int tile = 112) => AttentionPictures.Frequencies(this, tile);

    /// <summary>
    /// A chart of how far the learned weights of background (α) and foreground (β) of every stage and scale have moved from 1, where
    /// training starts.
    /// </summary>
    /// <param name="width">The width of the chart, 160 to 8192 pixels.</param>
    /// <returns>An 8-bit RGB image; null where the network has no spatial attention.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The width is out of its range.</exception>
    public PixelImage? ScalarChart(int width = 640)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 160);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, 8192);
        return AttentionPictures.Scalars(this, width);
    }

    /// <summary>The files that were looked at; empty where there were none.</summary>
    internal IReadOnlyList<string> Sources { get; set; } = [];

    /// <summary>Writes the report to a folder, which is created. Every file appears complete or not at all.</summary>
    /// <remarks>
    /// Sheets: <c>overview.png</c> (one a label where there are several), <c>channels.png</c>, <c>frequencies.png</c>,
    /// <c>scalars.png</c>. Tables: <c>report.json</c>, <c>scales.csv</c>, <c>channels.csv</c>, <c>frequencies.csv</c>,
    /// <c>encoder.csv</c>. Maps and pictures: <c>stage1-region</c>, <c>stage1-distance</c>, <c>stage1-boundary</c>,
    /// <c>stage1-scale0-foreground</c>, <c>stage1-scale0-background</c> … as <c>.npy</c> and as <c>.png</c>; with several
    /// labels the pictures of the first three end with the label's number, from 1. What the network lacks is not written.
    /// </remarks>
    /// <param name="folder">The folder.</param>
    /// <param name="content">What to write. Default: everything.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    /// <returns>The paths of the files, in the order in which they were written.</returns>
    /// <exception cref="IOException">A file or the folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    /// <exception cref="OperationCanceledException">Cancellation was asked for.</exception>
    public IReadOnlyList<string> Save(
        string folder, AttentionContent content = AttentionContent.All, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return new AttentionFiles(this, folder, cancellationToken).Write(content);
    }

    private void CheckLabel(int label)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(label);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, Probability.Channels);
    }
}
