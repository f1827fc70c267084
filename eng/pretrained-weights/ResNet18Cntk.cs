using MadgNet.Onnx.Weights;
using Onnx;

namespace MadgNet.PretrainedWeights;

/// <summary>The ResNet-18 that CNTK has written, under the names of the encoder <c>resnet18_cntk</c>.</summary>
internal static class ResNet18Cntk
{
    private const float Epsilon = 1e-5f;
    private const float EpsilonTolerance = 1e-9f;

    private static readonly int[] BlocksPerLayer = [2, 2, 2, 3];

    /// <summary>What the file says of itself.</summary>
    public static IReadOnlyDictionary<string, string> Metadata { get; } = new Dictionary<string, string>
    {
        ["encoder"] = "resnet18_cntk",
        ["input"] = "BGR, 0..255, minus the means B 103.06, G 115.90, R 123.15; no division",
        ["licence"] = "MIT, Copyright (c) .NET Foundation and Contributors",
        ["source"] = "NuGet package Microsoft.ML.DnnImageFeaturizer.ResNet18 0.23.1, ResNet18.onnx (CNTK 2.6), "
            + "https://github.com/dotnet/machinelearning; converted, values unchanged",
        ["trained on"] = "ImageNet (ILSVRC 2012), whose images are for non-commercial research and education: see the package's README",
    };

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidDataException">It is not the network that is expected.</exception>
    public static IReadOnlyList<NamedTensor> Read(string path)
    {
        ModelProto model;
        using (FileStream stream = File.OpenRead(path))
        {
            model = ModelProto.Parser.ParseFrom(stream);
        }

        // A shortcut comes before the convolution of the same depth in some files and behind it in others: the kernel tells them apart.
        var left = GraphConvolution.Find(model.Graph).OrderBy(convolution => convolution.Depth).ToList();
        var tensors = new List<NamedTensor>();
        foreach ((string convolution, string normalization, long[] shape) in Layers())
        {
            int index = left.FindIndex(candidate => candidate.Depth == left[0].Depth && candidate.Weight.Shape.SequenceEqual(shape));
            if (index < 0)
            {
                throw new InvalidDataException($"no convolution [{string.Join(", ", shape)}] where '{convolution}' is expected");
            }

            GraphConvolution found = left[index];
            left.RemoveAt(index);
            if (found.Bias is not null || found.Normalization is not { } statistics)
            {
                throw new InvalidDataException($"'{convolution}' with a bias, or without a batch normalisation behind it");
            }

            if (Math.Abs(statistics.Epsilon - Epsilon) > EpsilonTolerance)
            {
                throw new InvalidDataException($"'{normalization}' with an epsilon of {statistics.Epsilon} instead of {Epsilon}");
            }

            tensors.Add(new NamedTensor($"{convolution}.weight", shape, found.Weight.Values));
            tensors.Add(new NamedTensor($"{normalization}.weight", [shape[0]], statistics.Scale.Values));
            tensors.Add(new NamedTensor($"{normalization}.bias", [shape[0]], statistics.Bias.Values));
            tensors.Add(new NamedTensor($"{normalization}.running_mean", [shape[0]], statistics.Mean.Values));
            tensors.Add(new NamedTensor($"{normalization}.running_var", [shape[0]], statistics.Variance.Values));
        }

        return left.Count == 0
            ? tensors
            : throw new InvalidDataException($"{left.Count} convolutions more than the network has");
    }

    /// <summary>Convolutions in the order of computing, a shortcut beside the first convolution of its block.</summary>
    private static IEnumerable<(string Convolution, string Normalization, long[] Shape)> Layers()
    {
        yield return ("conv1", "bn1", [64, 3, 7, 7]);
        long input = 64;
        for (int layer = 0; layer < BlocksPerLayer.Length; layer++)
        {
            long width = 64L << layer;
            for (int block = 0; block < BlocksPerLayer[layer]; block++)
            {
                string name = $"layer{layer + 1}.{block}";
                if (input != width)
                {
                    yield return ($"{name}.downsample.0", $"{name}.downsample.1", [width, input, 1, 1]);
                }

                yield return ($"{name}.conv1", $"{name}.bn1", [width, input, 3, 3]);
                yield return ($"{name}.conv2", $"{name}.bn2", [width, width, 3, 3]);
                input = width;
            }
        }
    }
}
