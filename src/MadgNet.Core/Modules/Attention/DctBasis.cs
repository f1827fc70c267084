using MadgNet.Core.Modules.Attention.Kernels;
using MadgNet.Core.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention;

/// <summary>
/// The first F two-dimensional DCT-II basis images of a selection, each D×D (paper, equation 2):
/// <c>B(u, v; i, j) = c(u) c(v) cos(πu(i+½)/D) cos(πv(j+½)/D)</c> with <c>c(0) = 1/√D</c> and <c>c(k) = √2/√D</c>.
/// </summary>
/// <remarks>
/// The frequencies are ranked on a 7×7 grid; on a D×D grid their indices are multiplied by D / 7 (integer division), as
/// published. The published code keeps a copy of every basis image for every channel among the weights; they are
/// constants, so this library keeps them once per block and out of saved files. Safe for use from several threads.
/// </remarks>
public sealed class DctBasis : IDisposable
{
    /// <summary>Far above any feature map; keeps a size that a damaged file claims from asking for all memory.</summary>
    internal const int LargestSize = 1024;

    private readonly ConstantTensor _constants;
    private readonly float[] _values;
    private float[]? _mean;

    /// <summary>Computes the basis images, in double precision; in any other type they are rounded once.</summary>
    /// <param name="size">D, the height and width of each image; 7 to 1024.</param>
    /// <param name="frequencies">F, how many images; 1 to 32.</param>
    /// <param name="selection">The ranking that the images are taken from.</param>
    /// <exception cref="InvalidOptionsException">A value is out of its range.</exception>
    public DctBasis(int size, int frequencies, FrequencySelection selection = FrequencySelection.Top)
    {
        InvalidOptionsException.ThrowIfAny(nameof(DctBasis), Validate(size, frequencies, selection));
        Size = size;
        Frequencies = frequencies;
        Selection = selection;
        _values = Array.ConvertAll(Compute(size, frequencies, selection), value => (float)value);
        _constants = new ConstantTensor(() => Compute(size, frequencies, selection), frequencies, (long)size * size);
    }

    /// <summary>D, the height and width of each basis image.</summary>
    public int Size { get; }

    /// <summary>F, the number of basis images.</summary>
    public int Frequencies { get; }

    /// <summary>The ranking that the images are taken from.</summary>
    public FrequencySelection Selection { get; }

    /// <summary>The frequency indices of one basis image on its D×D grid.</summary>
    /// <param name="index">0 to <see cref="Frequencies"/> − 1.</param>
    /// <returns>The vertical frequency u and the horizontal frequency v.</returns>
    public (int U, int V) FrequencyAt(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Frequencies);
        (int u, int v) = FrequencyTable.At(Selection, index);
        return (u * (Size / FrequencyTable.GridSize), v * (Size / FrequencyTable.GridSize));
    }

    /// <summary>The basis images as a tensor on the CPU that the caller owns.</summary>
    /// <returns>A float32 tensor F×D×D.</returns>
    public Tensor ToTensor()
    {
        NativeRuntime.EnsureAvailable();
        return tensor(_values, [Frequencies, Size, Size]);
    }

    /// <summary>Releases the copies on every device. Using the basis afterwards throws.</summary>
    public void Dispose() => _constants.Dispose();

    internal static List<Problem> Validate(int size, int frequencies, FrequencySelection selection)
    {
        var problems = new List<Problem>();
        Guard.Range(
            problems,
            "DctSize",
            size,
            FrequencyTable.GridSize,
            LargestSize,
            "Choose a DCT size of 7 to 1024: the frequencies are ranked on a 7×7 grid");
        Guard.Range(
            problems,
            "Frequencies",
            frequencies,
            1,
            FrequencyTable.Count,
            "Choose 1 to 32 frequencies (the published network uses 16), or leave the attention out");
        problems.AddRange(Problem.Undefined("Selection", selection));

        return problems;
    }

    /// <summary>Refuses to go on with a basis that was disposed.</summary>
    internal void ThrowIfDisposed() => _constants.ThrowIfDisposed();

    /// <summary>The values, F×D×D. Owned by this object: never write to it.</summary>
    internal float[] Images => _values;

    /// <summary>The mean of the basis images, D×D. Owned by this object: never write to it.</summary>
    internal float[] MeanImage => _mean ??= ComputeMean();

    /// <summary>The basis as F×(D·D), on the device and in the type of a tensor. Owned by this object: never dispose it.</summary>
    internal Tensor Like(Tensor tensor) => _constants.Like(tensor);

    private static double[] Compute(int size, int frequencies, FrequencySelection selection)
    {
        var values = new double[frequencies * size * size];
        int step = size / FrequencyTable.GridSize;
        for (int f = 0; f < frequencies; f++)
        {
            (int u, int v) = FrequencyTable.At(selection, f);
            for (int i = 0; i < size; i++)
            {
                double vertical = Cosine(i, u * step, size);
                for (int j = 0; j < size; j++)
                {
                    values[(((f * size) + i) * size) + j] = vertical * Cosine(j, v * step, size);
                }
            }
        }

        return values;
    }

    private float[] ComputeMean()
    {
        var mean = new float[Size * Size];
        for (int i = 0; i < mean.Length; i++)
        {
            double sum = 0;
            for (int f = 0; f < Frequencies; f++)
            {
                sum += _values[(f * mean.Length) + i];
            }

            mean[i] = (float)(sum / Frequencies);
        }

        return mean;
    }

    private static double Cosine(int position, int frequency, int size)
    {
        double value = Math.Cos(Math.PI * frequency * (position + 0.5) / size) / Math.Sqrt(size);
        return frequency == 0 ? value : value * Math.Sqrt(2);
    }
}
