using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MadgNet.Core.Training.Optimization;

/// <summary>A parameter with what its optimizer remembers of it.</summary>
internal sealed class OptimizerSlot(string name, Parameter value, ParameterGroup group)
{
    public string Name { get; } = name;

    public Parameter Value { get; } = value;

    public ParameterGroup Group { get; } = group;

    /// <summary>How often the parameter was stepped.</summary>
    public long Steps { get; set; }

    /// <summary>The state's tensors; empty until the first step.</summary>
    public Tensor[] Moments { get; set; } = [];

    /// <summary>
    /// Makes the state of zeros, laid out as the parameters are, where there is none yet: one block of memory for all of a
    /// kind, which the system keeps apart from the many pieces that a step takes and returns.
    /// </summary>
    /// <remarks>Where memory cannot be had, no slot has changed.</remarks>
    public static void EnsureMoments(IEnumerable<OptimizerSlot> slots, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using var noGradients = no_grad();
        var made = new List<(OptimizerSlot Slot, Tensor[] Moments)>();
        foreach (IGrouping<(ScalarType, DeviceType, int), OptimizerSlot> kind in slots
            .Where(slot => slot.Moments.Length != count)
            .GroupBy(slot => (slot.Value.dtype, slot.Value.device_type, slot.Value.device_index)))
        {
            OptimizerSlot[] members = [.. kind];
            var moments = members.Select(_ => new Tensor[count]).ToArray();
            for (int moment = 0; moment < count; moment++)
            {
                Tensor block = zeros([members.Sum(member => Padded(member.Value))], members[0].Value.dtype, members[0].Value.device);
                long start = 0;
                for (int i = 0; i < members.Length; i++)
                {
                    moments[i][moment] = Like(block.narrow(0, start, members[i].Value.numel()), members[i].Value);
                    start += Padded(members[i].Value);
                }
            }

            made.AddRange(members.Zip(moments));
        }

        foreach ((OptimizerSlot slot, Tensor[] moments) in made)
        {
            slot.Moments = [.. moments.Select(moment => moment.DetachFromDisposeScope())];
        }
    }

    /// <summary>Lays the state out anew where the parameter's memory was since.</summary>
    public void Align(long[]? order)
    {
        for (int i = 0; i < Moments.Length; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            if (!(order is null ? Moments[i] : Moments[i].permute(order)).is_contiguous())
            {
                using Tensor old = Moments[i];
                Moments[i] = Laid(old, order).DetachFromDisposeScope();
            }
        }
    }

    public void DisposeMoments()
    {
        foreach (Tensor moment in Moments)
        {
            moment.Dispose();
        }

        Moments = [];
    }

    /// <summary>A copy whose memory follows the given order of axes.</summary>
    private static Tensor Laid(Tensor tensor, long[]? order)
    {
        if (order is null)
        {
            return tensor.contiguous();
        }

        return tensor.permute(order).contiguous().permute(Inverse(order));
    }

    /// <summary>A row of values as a tensor of the parameter's shape, in its order of memory where that is dense.</summary>
    private static Tensor Like(Tensor row, Tensor value) =>
        FusedPass.TryOrder(value, out long[]? order) && order is not null
            ? row.view([.. order.Select(axis => value.size((int)axis))]).permute(Inverse(order))
            : row.view(value.shape);

    /// <summary>The length of a parameter's state in a block: up to where the next line of the cache begins.</summary>
    private static long Padded(Tensor value) => (value.numel() + 15) / 16 * 16;

    private static long[] Inverse(long[] order)
    {
        var inverse = new long[order.Length];
        for (int i = 0; i < inverse.Length; i++)
        {
            inverse[order[i]] = i;
        }

        return inverse;
    }
}
