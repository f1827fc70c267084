using System.Reflection;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Modules.Attention.Kernels;

/// <summary>
/// Ties the gradients that a hand-written backward pass returns to the graph that asked for them. TorchSharp copies their
/// references after the pass has returned and then leaves the tensors to the garbage collector; what it disposes with the
/// graph is the node's list of outputs, so that is where they go.
/// </summary>
/// <remarks>
/// The list is TorchSharp's own, found by reflection. Where a release no longer has it, <see cref="Available"/> is false and the plain form
/// is used.
/// </remarks>
internal static class GradientLifetime
{
    private const BindingFlags Hidden = BindingFlags.NonPublic | BindingFlags.Instance;

    private static readonly FieldInfo? Node = typeof(autograd.AutogradContext).GetField("_node", Hidden);
    private static readonly FieldInfo? Outputs = typeof(autograd).GetNestedType("Node`1", BindingFlags.NonPublic | BindingFlags.Public)?
        .MakeGenericType(typeof(FrequencyAttentionFunction)).GetField("_outputCache", Hidden);

    /// <summary>Whether gradients can be tied to their graph.</summary>
    public static bool Available { get; } = Node is not null && Outputs?.FieldType == typeof(List<Tensor>);

    /// <summary>Hands the gradients to the graph. Those of an earlier pass over it, long copied, are disposed.</summary>
    /// <param name="context">The context of the pass.</param>
    /// <param name="outputs">How many outputs the function has.</param>
    /// <param name="gradients">What the pass returns.</param>
    public static void Tie(autograd.AutogradContext context, int outputs, IEnumerable<Tensor> gradients)
    {
        object node = Node!.GetValue(context)!;
        FieldInfo outputsOf = Outputs!.DeclaringType == node.GetType() ? Outputs : node.GetType().GetField(Outputs.Name, Hidden)!;
        var owned = (List<Tensor>)outputsOf.GetValue(node)!;
        for (int i = owned.Count - 1; i >= outputs; i--)
        {
            owned[i].Dispose();
            owned.RemoveAt(i);
        }

        owned.AddRange(gradients.Select(gradient => gradient.DetachFromDisposeScope()));
    }
}
