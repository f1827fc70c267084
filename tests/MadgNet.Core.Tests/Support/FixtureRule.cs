using System.Text;
using System.Text.RegularExpressions;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Support;

/// <summary>The rule of <c>Fixtures/README.md</c> that rebuilds every weight and input of the golden values from its name.</summary>
internal static class FixtureRule
{
    /// <summary>The values that the rule gives a tensor of the given name, as float32 on the CPU.</summary>
    public static Tensor Tensor(string name, ReadOnlySpan<long> shape, double low, double high)
    {
        long count = 1;
        foreach (long size in shape)
        {
            count *= size;
        }

        var values = new float[count];
        ulong seed = Fnv1a64(name);
        for (long i = 0; i < count; i++)
        {
            ulong z = unchecked(seed + ((ulong)(i + 1) * 0x9E3779B97F4A7C15UL));
            z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL);
            z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EBUL);
            z ^= z >> 31;
            double unit = (z >> 11) * (1.0 / (1UL << 53));
            values[i] = (float)(low + ((high - low) * unit));
        }

        return torch.tensor(values, shape.ToArray());
    }

    /// <summary>The range that the rule gives a state-dict tensor, or null where it stays as constructed.</summary>
    public static (double Low, double High)? Range(string name, ReadOnlySpan<long> shape)
    {
        if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal) || name.Contains("dct_weight", StringComparison.Ordinal))
        {
            return null;
        }

        if (name.EndsWith("running_var", StringComparison.Ordinal))
        {
            return (0.5, 1.5);
        }

        if (name.EndsWith("running_mean", StringComparison.Ordinal))
        {
            return (-0.1, 0.1);
        }

        if (name.Contains("alpha_list", StringComparison.Ordinal) || name.Contains("beta_list", StringComparison.Ordinal))
        {
            return (0.5, 1.5);
        }

        if (shape.Length == 4)
        {
            double bound = Math.Sqrt(3.0 / (shape[1] * shape[2] * shape[3]));
            return (-bound, bound);
        }

        if (shape.Length == 2)
        {
            double bound = Math.Sqrt(3.0 / shape[1]);
            return (-bound, bound);
        }

        if (Regex.IsMatch(name, @"bn3\.weight$"))
        {
            return (0.1, 0.3);
        }

        return name.EndsWith("weight", StringComparison.Ordinal) ? (0.5, 1.5) : (-0.1, 0.1);
    }

    /// <summary>Overwrites every tensor of a module's state dict by the rule; names are <paramref name="prefix"/> + key.</summary>
    public static void Fill(nn.Module module, string prefix)
    {
        using var noGrad = no_grad();
        foreach ((string key, Tensor target) in module.state_dict())
        {
            if (Range(key, target.shape) is not { } range)
            {
                continue;
            }

            using Tensor values = Tensor(prefix + key, target.shape, range.Low, range.High);
            using Tensor moved = values.to(target.dtype, target.device);
            target.copy_(moved);
        }
    }

    private static ulong Fnv1a64(string name)
    {
        ulong hash = 0xCBF29CE484222325UL;
        foreach (byte b in Encoding.UTF8.GetBytes(name))
        {
            hash = unchecked((hash ^ b) * 0x100000001B3UL);
        }

        return hash;
    }
}
