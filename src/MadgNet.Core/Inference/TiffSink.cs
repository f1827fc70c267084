using System.Diagnostics.CodeAnalysis;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Inference;

/// <summary>
/// Writes one label of a large image as a grey TIFF in tiles, Deflate-compressed, as a BigTIFF where need be. The file appears
/// complete or not at all; an existing one is replaced.
/// </summary>
public sealed class TiffSink : IPredictionSink
{
    private readonly string _path;

    /// <summary>The file.</summary>
    internal string FilePath => _path;

    private readonly TiffSinkContent _content;
    private readonly int _label;
    private TiledTiffWriter? _writer;
    private double _threshold;
    private byte[] _bytes = [];
    private ushort[] _words = [];

    private TiffSink(string path, TiffSinkContent content, int label)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegative(label);
        _path = path;
        _content = content;
        _label = label;
    }

    /// <summary>A mask: 8 bit, 255 where the probability reaches the label's threshold, 0 elsewhere.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="label">The label, from 0.</param>
    /// <returns>The sink.</returns>
    public static TiffSink Mask(string path, int label = 0) => new(path, TiffSinkContent.Mask, label);

    /// <summary>Probabilities: 16 bit, 65535 for 1.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="label">The label, from 0.</param>
    /// <returns>The sink.</returns>
    public static TiffSink Probability(string path, int label = 0) => new(path, TiffSinkContent.Probability, label);

    /// <summary>Probabilities to the last bit: 32-bit floats, which <see cref="ImageReader"/> reads as 16 bits.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="label">The label, from 0.</param>
    /// <returns>The sink.</returns>
    public static TiffSink ExactProbability(string path, int label = 0) => new(path, TiffSinkContent.ExactProbability, label);

    /// <summary>The standard deviation of the views: 16 bit, 65535 for 1. Needs <see cref="PredictorOptions.Augmentation"/>.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="label">The label, from 0.</param>
    /// <returns>The sink.</returns>
    public static TiffSink Disagreement(string path, int label = 0) => new(path, TiffSinkContent.Disagreement, label);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    /// <exception cref="InvalidOperationException">The sink has served an image already.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    [MemberNotNull(nameof(_writer))]
    public void Begin(int height, int width, IReadOnlyList<double> thresholds)
    {
        ArgumentNullException.ThrowIfNull(thresholds);
        if (_writer is not null)
        {
            throw new InvalidOperationException("received a second image; expected one image for each sink. Create a new sink.");
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(_label, thresholds.Count, "label");
        _threshold = thresholds[_label];
        int bits = _content switch
        {
            TiffSinkContent.Mask => 8,
            TiffSinkContent.ExactProbability => 32,
            _ => 16,
        };
        _bytes = bits == 8 ? new byte[width] : [];
        _words = bits == 16 ? new ushort[width] : [];
        _writer = new TiledTiffWriter(_path, width, height, bits);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no disagreement, because the image was looked at in one view.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(PredictionRows rows)
    {
        FloatImage map = _content == TiffSinkContent.Disagreement
            ? rows.Disagreement
                ?? throw new InvalidOperationException(
                    "received no disagreement; expected that of several views. Set PredictorOptions.Augmentation.")
            : rows.Probability;
        TiledTiffWriter writer = _writer
            ?? throw new InvalidOperationException("received rows before Begin; expected Begin first. Call it with the image's size.");
        for (int y = 0; y < map.Height; y++)
        {
            ReadOnlySpan<float> row = map.Row(_label, y);
            switch (_content)
            {
                case TiffSinkContent.Mask:
                    for (int x = 0; x < row.Length; x++)
                    {
                        _bytes[x] = row[x] >= _threshold ? byte.MaxValue : byte.MinValue;
                    }

                    writer.WriteRow<byte>(_bytes);
                    break;
                case TiffSinkContent.ExactProbability:
                    writer.WriteRow(row);
                    break;
                default:
                    for (int x = 0; x < row.Length; x++)
                    {
                        _words[x] = (ushort)((Math.Clamp(row[x], 0, 1) * ushort.MaxValue) + 0.5f);
                    }

                    writer.WriteRow<ushort>(_words);
                    break;
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Complete() => _writer?.Complete();

    /// <summary>Removes what was written where the file was not completed.</summary>
    public void Dispose() => _writer?.Dispose();

    private enum TiffSinkContent
    {
        Mask,
        Probability,
        ExactProbability,
        Disagreement,
    }
}
