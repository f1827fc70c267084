using System.Text.RegularExpressions;
using MadgNet.Core.Modules;
using static TorchSharp.torch;

namespace MadgNet.Onnx.Weights;

/// <summary>
/// The convolutions of a residual encoder, block by block, with the normalisation behind each: what the convolutions of a graph without
/// names are recognised by.
/// </summary>
/// <remarks>
/// A graph computes a block before the next one begins, so that its convolutions come block by block too. Within a block those of the same
/// shape are told apart by how many convolutions come before them on the way from the image: the shortcut is the shallow one.
/// </remarks>
internal sealed partial class EncoderLayout
{
    private const string WeightSuffix = ".weight";
    private const string ShortcutSegment = ".downsample.";

    private readonly List<Part> _parts = [];

    /// <summary>Reads the layout off a state dict.</summary>
    public EncoderLayout(IReadOnlyDictionary<string, Tensor> state)
    {
        foreach ((string name, Tensor tensor) in state)
        {
            if (tensor.dim() == 4 && name.EndsWith(WeightSuffix, StringComparison.Ordinal))
            {
                string convolution = name[..^WeightSuffix.Length];
                Match block = Block().Match(name);
                _parts.Add(new Part(
                    convolution,
                    block.Success ? block.Value : string.Empty,
                    tensor.shape,
                    HasBias: state.ContainsKey($"{convolution}.bias")));
            }
            else if (name.EndsWith(".running_var", StringComparison.Ordinal))
            {
                // Normalisations come in the order of the convolutions that they follow; a convolution with a bias may have none.
                string normalization = name[..^".running_var".Length];
                int index = _parts.FindIndex(part => part.Normalization is null && !part.HasBias);
                index = index < 0 ? _parts.FindIndex(part => part.Normalization is null) : index;
                if (index >= 0 && _parts[index].Shape[0] == tensor.size(0))
                {
                    _parts[index] = _parts[index] with { Normalization = normalization };
                }
            }
        }
    }

    /// <summary>How many convolutions the encoder has.</summary>
    public int Count => _parts.Count;

    /// <summary>Whether the convolutions of a graph have the shapes of this encoder.</summary>
    public bool Fits(IReadOnlyList<GraphConvolution> convolutions) => Assign(convolutions) is not null;

    /// <summary>The tensors of a graph under this encoder's names; null where they are not this encoder's.</summary>
    public IReadOnlyList<GraphTensor>? Match(IReadOnlyList<GraphConvolution> convolutions)
    {
        if (Assign(convolutions) is not { } assigned)
        {
            return null;
        }

        var tensors = new List<GraphTensor>();
        foreach ((Part part, GraphConvolution found) in assigned)
        {
            long channels = part.Shape[0];
            tensors.Add(found.Weight with { Name = part.Convolution + WeightSuffix });
            if (part.HasBias)
            {
                tensors.Add(Row($"{part.Convolution}.bias", found.Bias?.Values ?? new float[channels]));
            }

            if (part.Normalization is not { } name)
            {
                continue;
            }

            // With a bias of the convolution's own there is a place for it; without one the normalisation takes it.
            float[] offset = found.Bias is { } bias && !part.HasBias ? bias.Values : new float[channels];
            if (found.Normalization is { } own)
            {
                // (x + b − μ) = (x − (μ − b)); another ε goes into the variance.
                tensors.Add(Row($"{name}.weight", own.Scale.Values));
                tensors.Add(Row($"{name}.bias", own.Bias.Values));
                tensors.Add(Row($"{name}.running_mean", [.. own.Mean.Values.Zip(offset, (mean, shift) => mean - shift)]));
                double epsilon = own.Epsilon - BatchNormalization.Epsilon;
                tensors.Add(Row(
                    $"{name}.running_var",
                    Math.Abs(epsilon) < 1e-9 ? own.Variance.Values : [.. own.Variance.Values.Select(value => (float)(value + epsilon))]));
            }
            else
            {
                tensors.Add(Row($"{name}.weight", Filled(channels, 1)));
                tensors.Add(Row($"{name}.bias", offset));
                tensors.Add(Row($"{name}.running_mean", new float[channels]));
                tensors.Add(Row($"{name}.running_var", Filled(channels, (float)(1 - BatchNormalization.Epsilon))));
            }
        }

        return tensors;
    }

    private static float[] Filled(long count, float value)
    {
        float[] values = new float[count];
        Array.Fill(values, value);
        return values;
    }

    private static GraphTensor Row(string name, float[] values) => new(name, [values.Length], values);

    /// <summary>A convolution of the graph for each of the encoder's; a classifier behind them may have further ones.</summary>
    private List<(Part Part, GraphConvolution Found)>? Assign(IReadOnlyList<GraphConvolution> convolutions)
    {
        if (convolutions.Count < _parts.Count || _parts.Count == 0)
        {
            return null;
        }

        var assigned = new List<(Part, GraphConvolution)>(_parts.Count);
        int at = 0;
        foreach (IGrouping<string, Part> block in _parts.GroupBy(part => part.Block))
        {
            Part[] wanted = [.. block.OrderBy(part => part.Convolution.Contains(ShortcutSegment, StringComparison.Ordinal) ? 0 : 1)];
            List<GraphConvolution> given = [.. convolutions.Skip(at).Take(wanted.Length).OrderBy(convolution => convolution.Depth)];
            at += wanted.Length;
            foreach (Part part in wanted)
            {
                int index = given.FindIndex(candidate => candidate.Weight.Shape.SequenceEqual(part.Shape));
                if (index < 0)
                {
                    return null;
                }

                assigned.Add((part, given[index]));
                given.RemoveAt(index);
            }
        }

        return assigned;
    }

    [GeneratedRegex(@"^layer\d\.\d+\.")]
    private static partial Regex Block();

    /// <summary>A convolution of the encoder.</summary>
    private sealed record Part(string Convolution, string Block, long[] Shape, bool HasBias, string? Normalization = null);
}
